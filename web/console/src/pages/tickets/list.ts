import { computed, ref, shallowRef, watch } from 'vue'
import type { Ref } from 'vue'
import { api } from '@/api/client'
import { asApiError } from '@/api/problem'
import type { ApiError } from '@/api/problem'
import type { TicketFilter, TicketRow } from '@/api/types'

const pageSize = 100

/** The rows of a query in the server's order, by keyset pages. */
export function useTicketList(filter: Readonly<Ref<TicketFilter>>) {
  const rows = shallowRef<TicketRow[]>([])
  const next = ref<string | null>(null)
  const error = ref<ApiError | null>(null)
  const pending = ref(false)
  const loaded = ref(false)
  let current: AbortController | null = null

  const complete = computed(() => loaded.value && next.value === null)

  async function fetchPage(cursor: string | null, signal: AbortSignal, after: TicketRow[]): Promise<void> {
    pending.value = true
    try {
      const page = await api.get('/api/v1/tickets', { query: { ...filter.value, limit: pageSize, ...(cursor === null ? {} : { cursor }) }, signal })
      if (signal.aborted) return
      rows.value = [...after, ...page.items]
      next.value = page.next_cursor
      error.value = null
      loaded.value = true
    } catch (thrown) {
      if (signal.aborted) return
      error.value = asApiError(thrown)
    }
    pending.value = false
  }

  async function load(): Promise<void> {
    current?.abort()
    current = new AbortController()
    await fetchPage(null, current.signal, [])
  }

  async function more(): Promise<void> {
    if (pending.value || next.value === null || current === null) return
    await fetchPage(next.value, current.signal, rows.value)
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
