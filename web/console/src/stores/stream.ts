import { defineStore } from 'pinia'
import { ref, shallowRef, watch } from 'vue'
import { serverClock } from '@/composables/serverClock'

export interface Frame {
  pos: number
  kind: string
  subject: string
  version: number
}

/** Who else looks at a ticket: `viewing`, or what he is writing. */
export interface Viewer {
  id: string
  name: string
  what: string
}

interface Batch {
  pos: number
  frames: Frame[]
  reload?: boolean
}

type Word = { kind: 'presence'; subject: string; users: Viewer[] } | { kind: 'heartbeat'; at: string }

interface Look {
  ticket: string
  /** What he writes; nothing while he only looks. */
  writes: string | null
}

interface Follower {
  concerns: (frame: Frame) => boolean
  run: (frames: Frame[]) => void
  waiting: Frame[]
  /** All may have changed, whatever is waiting. */
  all: boolean
  ranAt: number
  timer: number | undefined
}

const gathersFor = 120
/** Where change follows change, each follower runs no oftener than this. */
const runsApart = 450
const staleAfter = 5_000
const longestWait = 10_000
/** Twice the heart, which beats every 10 s whatever else happens, and some. */
const silenceEnds = 25_000
const opensWithin = 8_000
/** A look is good for 10 s, and at most five words a second are listened to. */
const saysAgainAfter = 4_000
const wordsApart = 250

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
  /** Something was asked for and not answered, or before the stream was open: what is shown may be older than `pos`. */
  let missed = false
  let lastHeard = 0
  let openingSince = 0
  let retry: number | undefined
  let supervision: number | undefined

  const look = shallowRef<Look | null>(null)
  /** Who else looks at the ticket that this page shows. */
  const viewers = shallowRef<Viewer[]>([])
  let saidAt = 0
  let word: number | undefined

  function tell(follower: Follower, frames: Frame[] | 'all'): void {
    if (frames === 'all') follower.all = true
    else follower.waiting.push(...frames)
    follower.timer ??= window.setTimeout(() => {
      follower.timer = undefined
      const changed = follower.waiting.splice(0)
      const { all } = follower
      follower.all = false
      follower.ranAt = Date.now()
      follower.run(all ? [] : changed)
    }, Math.max(gathersFor, follower.ranAt + runsApart - Date.now()))
  }

  function tellAll(): void {
    for (const follower of followers) tell(follower, 'all')
  }

  function heard(message: Batch | Word): void {
    lastHeard = Date.now()
    if ('kind' in message) {
      if (message.kind === 'presence' && message.subject === look.value?.ticket) viewers.value = message.users
      return
    }
    pos = message.pos
    if (message.reload) tellAll()
    if (message.frames.length > 0) lastChangeAt.value = serverClock.now()
    for (const follower of followers) {
      const frames = message.frames.filter(follower.concerns)
      if (frames.length > 0) tell(follower, frames)
    }
  }

  function sayLook(): void {
    window.clearTimeout(word)
    word = undefined
    if (socket?.readyState !== WebSocket.OPEN) return
    saidAt = Date.now()
    const { value } = look
    socket.send(JSON.stringify(value?.writes ? { typing: { ticket: value.ticket, what: value.writes } } : { viewing: value?.ticket ?? null }))
  }

  function sayLookSoon(): void {
    word ??= window.setTimeout(sayLook, Math.max(0, saidAt + wordsApart - Date.now()))
  }

  /** Says to whoever looks at the same ticket that this user does; null: at none any more. */
  function lookAt(ticket: string | null): void {
    if (ticket === (look.value?.ticket ?? null)) return
    viewers.value = []
    look.value = ticket === null ? null : { ticket, writes: null }
    sayLookSoon()
  }

  /** That he is writing about the ticket he looks at; null: he has stopped. */
  function writeAbout(what: string | null): void {
    if (look.value === null || look.value.writes === what) return
    look.value = { ...look.value, writes: what }
    sayLookSoon()
  }

  function stopped(): void {
    live.value = false
    viewers.value = []
    stoppedAt.value ??= serverClock.now()
  }

  function connect(): void {
    window.clearTimeout(retry)
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const after = pos === null ? '' : `?after=${pos}`
    const opened = new WebSocket(`${scheme}://${location.host}/api/v1/stream${after}`)
    socket = opened
    openingSince = Date.now()
    opened.onopen = () => {
      if (missed) tellAll()
      missed = false
      lastHeard = Date.now()
      live.value = true
      stale.value = false
      attempts.value = 0
      stoppedAt.value = null
      if (look.value !== null) sayLook()
    }
    opened.onmessage = (event: MessageEvent<string>) => heard(JSON.parse(event.data) as Batch | Word)
    opened.onclose = () => dropped(opened)
  }

  function dropped(gone: WebSocket): void {
    if (socket !== gone) return
    socket = null
    gone.onmessage = gone.onclose = null
    gone.close()
    stopped()
    if (!wanted) return
    retry = window.setTimeout(connect, waitBefore(attempts.value))
    attempts.value += 1
  }

  /** Once the stream is open, or after a second without: what is loaded then misses no change. */
  function opened(): Promise<void> {
    return new Promise((resolve) => {
      const timer = window.setTimeout(() => {
        missed = true
        done()
      }, 1_000)
      const unwatch = watch(live, (on) => on && done(), { immediate: true, flush: 'sync' })
      function done(): void {
        window.clearTimeout(timer)
        queueMicrotask(() => unwatch())
        resolve()
      }
    })
  }

  function supervise(): void {
    const now = Date.now()
    // A dead line closes nothing: a socket that says nothing, or never opens, is given up.
    if (socket !== null && (live.value ? now - lastHeard > silenceEnds : now - openingSince > opensWithin)) dropped(socket)
    if (live.value && look.value !== null && now - saidAt > saysAgainAfter) sayLook()
    stale.value = !live.value && stoppedAt.value !== null && serverClock.now() - stoppedAt.value > staleAfter
  }

  function start(): void {
    if (wanted) return
    wanted = true
    connect()
    supervision = window.setInterval(supervise, 1_000)
    window.addEventListener('offline', onOffline)
    window.addEventListener('online', reconnect)
  }

  function onOffline(): void {
    if (socket !== null) dropped(socket)
  }

  function stop(): void {
    wanted = false
    window.clearTimeout(retry)
    window.clearInterval(supervision)
    window.clearTimeout(word)
    window.removeEventListener('offline', onOffline)
    window.removeEventListener('online', reconnect)
    const closing = socket
    socket = null
    closing?.close()
    pos = null
    look.value = null
    viewers.value = []
    live.value = stale.value = false
    stoppedAt.value = null
  }

  function reconnect(): void {
    attempts.value = 0
    const closing = socket
    socket = null
    closing?.close()
    connect()
  }

  /** A call got no answer: once the line is there again, all is loaded anew. */
  function missedAnswer(): void {
    missed = true
  }

  /**
   * Runs when something that `concerns` the caller changed, with what did; with nothing where all may have changed.
   * Returns how to end it.
   */
  function follow(concerns: (frame: Frame) => boolean, run: (frames: Frame[]) => void): () => void {
    const follower: Follower = { concerns, run, waiting: [], all: false, ranAt: 0, timer: undefined }
    followers.add(follower)
    return () => {
      window.clearTimeout(follower.timer)
      followers.delete(follower)
    }
  }

  return { live, stale, attempts, stoppedAt, lastChangeAt, look, viewers, start, opened, stop, reconnect, follow, lookAt, writeAbout, missedAnswer }
})
