import { ref } from 'vue'
import { freshKey } from '@/api/client'
import { asApiError } from '@/api/problem'
import type { ApiError } from '@/api/problem'

const spinnerAfter = 150

/**
 * One act of a person. It keeps its Idempotency-Key over repeats as long as nobody knows whether it arrived; a definite
 * answer ends it. While it runs it cannot be started again.
 */
export function useAct() {
  const busy = ref(false)
  /** Busy for long enough to be shown. */
  const slow = ref(false)
  const error = ref<ApiError | null>(null)
  let key = freshKey()

  async function run<T>(send: (key: string) => Promise<T>): Promise<T | null> {
    if (busy.value) return null
    busy.value = true
    error.value = null
    const spinner = window.setTimeout(() => (slow.value = true), spinnerAfter)
    try {
      const answer = await send(key)
      key = freshKey()
      return answer
    } catch (thrown) {
      error.value = asApiError(thrown)
      if (!error.value.isUndecided) key = freshKey()
      return null
    } finally {
      window.clearTimeout(spinner)
      busy.value = slow.value = false
    }
  }

  return { busy, slow, error, run }
}
