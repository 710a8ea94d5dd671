import { computed, ref, shallowRef, watch } from 'vue'
import type { Ref } from 'vue'
import { api } from '@/api/client'
import { asApiError } from '@/api/problem'
import type { ApiError } from '@/api/problem'
import type { TicketFilter, TicketRow } from '@/api/types'

const pageSize = 100
const largestPage = 200
/** So many rows stay when the list is loaded anew. */
const mostKept = 1_000

/** The rows of a query in the server's order, by keyset pages. */
export function useTicketList(filter: Readonly<Ref<TicketFilter>>) {
  const rows = shallowRef<TicketRow[]>([])
  const next = ref<string | null>(null)
  const error = ref<ApiError | null>(null)
  const pending = ref(false)
  const loaded = ref(false)
  let current: AbortController | null = null

  const complete = computed(() => loaded.value && next.value === null)

  /** Goes on behind `found` by pages until there are `enough`. */
  async function fetchRows(found: TicketRow[], after: string | null, enough: number, signal: AbortSignal): Promise<void> {
    pending.value = true
    let cursor = after
    try {
      do {
        const limit = Math.min(largestPage, Math.max(pageSize, enough - found.length))
        const page = await api.get('/api/v1/tickets', { query: { ...filter.value, limit, ...(cursor === null ? {} : { cursor }) }, signal })
        found = [...found, ...page.items]
        cursor = page.next_cursor
      } while (cursor !== null && found.length < enough)
      if (signal.aborted) return
      rows.value = found
      next.value = cursor
      error.value = null
      loaded.value = true
    } catch (thrown) {
      if (signal.aborted) return
      error.value = asApiError(thrown)
    }
    pending.value = false
  }

  /** Anew, as far down as it was loaded. */
  async function load(): Promise<void> {
    current?.abort()
    current = new AbortController()
    await fetchRows([], null, Math.min(rows.value.length, mostKept), current.signal)
  }

  async function more(): Promise<void> {
    if (pending.value || next.value === null || current === null) return
    await fetchRows(rows.value, next.value, rows.value.length + pageSize, current.signal)
  }

  /** What a listed ticket looks like now; null where it is no more in the list. */
  async function renew(row: TicketRow): Promise<TicketRow | null> {
    const { items } = await api.get('/api/v1/tickets', { query: { ...filter.value, number: row.number } })
    const now = items[0] ?? null
    if (now !== null) rows.value = rows.value.map((each) => (each.id === now.id ? now : each))
    return now
  }

  watch(
    filter,
    () => {
      loaded.value = false
      rows.value = []
      void load()
    },
    { immediate: true },
  )

  return { rows, next, error, pending, loaded, complete, load, more, renew }
}
