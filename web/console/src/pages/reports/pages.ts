import { onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import type { WatchSource } from 'vue'
import { asApiError } from '@/api/problem'
import type { ApiError } from '@/api/problem'

interface Page<T> {
  items: T[]
  next_cursor: string | null
}

/** A list that comes page by page, from the start again when `about` changes. */
export function usePages<T>(load: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>, about: WatchSource) {
  const items = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  const pending = ref(false)
  const error = ref<ApiError | null>(null)
  let current: AbortController | null = null

  async function take(cursor: string | null): Promise<void> {
    current?.abort()
    const mine = new AbortController()
    current = mine
    pending.value = true
    try {
      const page = await load(cursor, mine.signal)
      if (current !== mine) return
      items.value = cursor === null ? page.items : [...items.value, ...page.items]
      next.value = page.next_cursor
      error.value = null
    } catch (thrown) {
      if (current !== mine) return
      error.value = asApiError(thrown)
    }
    pending.value = false
  }

  const restart = () => take(null)
  const more = () => (next.value === null ? Promise.resolve() : take(next.value))

  watch(about, () => {
    items.value = []
    next.value = null
    void restart()
  })
  onBeforeUnmount(() => {
    current?.abort()
    current = null
  })
  void restart()

  return { items, next, pending, error, restart, more }
}
