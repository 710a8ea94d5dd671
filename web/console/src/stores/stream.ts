import { defineStore } from 'pinia'
import { ref } from 'vue'
import { serverClock } from '@/composables/serverClock'

export interface Frame {
  pos: number
  kind: string
  subject: string
  version: number
}

interface Message {
  pos: number
  frames: Frame[]
  reload?: boolean
  /** The server's time, in each heartbeat. */
  at?: string
}

interface Follower {
  concerns: (frame: Frame) => boolean
  run: (frames: Frame[]) => void
  waiting: Frame[]
  timer: number | undefined
}

const gathersFor = 120
const staleAfter = 5_000
const longestWait = 20_000

export function waitBefore(attempt: number, random = Math.random()): number {
  return Math.min(longestWait, 500 * 2 ** Math.min(attempt, 10)) * (0.75 + random / 2)
}

/** The one stream of changes. It says what changed; whoever shows it fetches the content anew. */
export const useStream = defineStore('stream', () => {
  const live = ref(false)
  const stale = ref(false)
  const attempts = ref(0)
  /** Since when nothing is known to be complete, by the server's time. */
  const stoppedAt = ref<number | null>(null)
  const lastChangeAt = ref<number | null>(null)

  const followers = new Set<Follower>()
  let socket: WebSocket | null = null
  let pos: number | null = null
  let wanted = false
  let lastHeard = 0
  let hasHeartbeat = false
  let retry: number | undefined
  let watch: number | undefined

  function tell(follower: Follower, frames: Frame[]): void {
    follower.waiting.push(...frames)
    follower.timer ??= window.setTimeout(() => {
      follower.timer = undefined
      follower.run(follower.waiting.splice(0))
    }, gathersFor)
  }

  function heard(message: Message): void {
    lastHeard = serverClock.now()
    pos = message.pos
    if (message.at !== undefined) {
      hasHeartbeat = true
      serverClock.sawHeartbeat(message.at)
    }
    if (message.reload) for (const follower of followers) tell(follower, [])
    if (message.frames.length > 0) lastChangeAt.value = serverClock.now()
    for (const follower of followers) {
      const frames = message.frames.filter(follower.concerns)
      if (frames.length > 0) tell(follower, frames)
    }
  }

  function stopped(): void {
    live.value = false
    stoppedAt.value ??= lastHeard || serverClock.now()
  }

  function connect(): void {
    window.clearTimeout(retry)
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const after = pos === null ? '' : `?after=${pos}`
    const opened = new WebSocket(`${scheme}://${location.host}/api/v1/stream${after}`)
    socket = opened
    opened.onopen = () => {
      // What was loaded before the very first opening may have changed unheard.
      if (pos === null) for (const follower of followers) tell(follower, [])
      lastHeard = serverClock.now()
      live.value = true
      stale.value = false
      attempts.value = 0
      stoppedAt.value = null
    }
    opened.onmessage = (event: MessageEvent<string>) => heard(JSON.parse(event.data) as Message)
    opened.onclose = () => {
      if (socket !== opened) return
      socket = null
      stopped()
      if (!wanted) return
      retry = window.setTimeout(connect, waitBefore(attempts.value))
      attempts.value += 1
    }
  }

  function supervise(): void {
    const silent = serverClock.now() - lastHeard > staleAfter
    if (live.value && hasHeartbeat && silent) {
      stopped()
      socket?.close()
    }
    stale.value = !live.value && stoppedAt.value !== null && serverClock.now() - stoppedAt.value > staleAfter
  }

  function start(): void {
    if (wanted) return
    wanted = true
    connect()
    watch = window.setInterval(supervise, 1_000)
  }

  function stop(): void {
    wanted = false
    window.clearTimeout(retry)
    window.clearInterval(watch)
    socket?.close()
    socket = null
    pos = null
    live.value = stale.value = false
    stoppedAt.value = null
  }

  function reconnect(): void {
    attempts.value = 0
    socket?.close()
    socket = null
    connect()
  }

  /**
   * Runs when something that `concerns` the caller changed, with what did; with nothing where all may have changed.
   * Returns how to end it.
   */
  function follow(concerns: (frame: Frame) => boolean, run: (frames: Frame[]) => void): () => void {
    const follower: Follower = { concerns, run, waiting: [], timer: undefined }
    followers.add(follower)
    return () => {
      window.clearTimeout(follower.timer)
      followers.delete(follower)
    }
  }

  return { live, stale, attempts, stoppedAt, lastChangeAt, start, stop, reconnect, follow }
})
