import { onBeforeUnmount, ref, shallowRef } from 'vue'
import { api } from '@/api/client'
import { asApiError } from '@/api/problem'
import type { ApiError } from '@/api/problem'
import { serverClock } from '@/composables/serverClock'
import { onTick } from '@/composables/ticker'
import { useSession } from '@/stores/session'
import { useStream } from '@/stores/stream'
import { crossingsBetween } from './summary'
import type { Crossing, LiveBoard } from './summary'

const loadsApart = 500
const whenQuiet = 5_000
const keptCrossings = 6

/** The board as it is: asked for anew within a second of a change, and every five in any case. */
export function useLiveBoard() {
  const session = useSession()
  const board = shallowRef<LiveBoard>()
  const error = ref<ApiError | null>(null)
  const pending = ref(false)
  /** By the server's time. */
  const loadedAt = ref<number | null>(null)
  const crossings = shallowRef<Crossing[]>([])

  let changed = false
  let askedAt = 0
  let timer: number | undefined
  let current: AbortController | null = null

  async function load(): Promise<void> {
    window.clearTimeout(timer)
    timer = undefined
    if (pending.value) return
    pending.value = true
    changed = false
    askedAt = performance.now()
    current = new AbortController()
    const { signal } = current
    try {
      const loaded = await api.get('/api/v1/live_board', { query: { tz: session.zone }, signal })
      if (board.value !== undefined) crossings.value = [...crossingsBetween(board.value, loaded).reverse(), ...crossings.value].slice(0, keptCrossings)
      board.value = loaded
      loadedAt.value = serverClock.now()
      error.value = null
    } catch (thrown) {
      if (signal.aborted) return
      error.value = asApiError(thrown)
    } finally {
      pending.value = false
      if (changed && !signal.aborted) loadSoon()
    }
  }

  function loadSoon(): void {
    changed = true
    if (document.hidden || pending.value) return
    timer ??= window.setTimeout(() => void load(), Math.max(0, askedAt + loadsApart - performance.now()))
  }

  function beat(): void {
    if (!document.hidden && timer === undefined && (changed || performance.now() - askedAt >= whenQuiet)) void load()
  }

  const unfollow = useStream().follow((frame) => /^(ticket|deadline|interaction|callback)\./.test(frame.kind), loadSoon)
  const stopTicking = onTick(beat)
  onBeforeUnmount(() => {
    unfollow()
    stopTicking()
    window.clearTimeout(timer)
    current?.abort()
  })
  void load()

  return { board, error, pending, loadedAt, crossings, load }
}
