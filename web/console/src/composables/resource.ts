import { onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef, WatchSource } from 'vue'
import { asApiError } from '@/api/problem'
import type { ApiError } from '@/api/problem'
import { useStream } from '@/stores/stream'
import type { Frame } from '@/stores/stream'

export interface Resource<T> {
  data: ShallowRef<T | undefined>
  error: Ref<ApiError | null>
  pending: Ref<boolean>
  /** Seconds until a failed load is tried again. */
  retriesIn: Ref<number | null>
  reload: () => Promise<void>
}

interface Options {
  /** Loads anew when one of these changes. */
  on?: WatchSource | WatchSource[]
  /** Loads anew when the stream says that something of this kind changed. */
  live?: (frame: Frame) => boolean
  /** What was shown before is nothing to look at while the new is loading: another object. */
  forget?: boolean
}

const retryAfter = 30

/** One thing that a panel shows: loaded, kept up to date, tried again when it failed. */
export function useResource<T>(load: (signal: AbortSignal) => Promise<T>, options: Options = {}): Resource<T> {
  const data = shallowRef<T>()
  const error = ref<ApiError | null>(null)
  const pending = ref(false)
  const retriesIn = ref<number | null>(null)
  let current: AbortController | null = null
  let countdown: number | undefined

  function stopCountdown(): void {
    window.clearInterval(countdown)
    retriesIn.value = null
  }

  function startCountdown(): void {
    stopCountdown()
    retriesIn.value = retryAfter
    countdown = window.setInterval(() => {
      retriesIn.value = (retriesIn.value ?? 1) - 1
      if (retriesIn.value <= 0) void reload()
    }, 1_000)
  }

  async function reload(): Promise<void> {
    current?.abort()
    const mine = new AbortController()
    current = mine
    stopCountdown()
    pending.value = true
    try {
      const loaded = await load(mine.signal)
      if (current !== mine) return
      data.value = loaded
      error.value = null
    } catch (thrown) {
      if (current !== mine) return
      error.value = asApiError(thrown)
      if (error.value.isUndecided) startCountdown()
    }
    pending.value = false
  }

  if (options.on) {
    watch(options.on, () => {
      if (options.forget) data.value = undefined
      void reload()
    })
  }
  const unfollow = useStream().follow(options.live ?? (() => false), () => {
    if (options.live !== undefined || error.value !== null) void reload()
  })
  onBeforeUnmount(() => {
    unfollow()
    stopCountdown()
    current?.abort()
    current = null
  })
  void reload()
  return { data, error, pending, retriesIn, reload }
}
