import { onBeforeUnmount, ref, watch } from 'vue'
import type { Ref } from 'vue'
import { useDrafts } from '@/stores/drafts'
import { useSession } from '@/stores/session'
import { useStream } from '@/stores/stream'
import { serverClock } from './serverClock'

const savedAfter = 1_000
const writesFor = 10_000

/** What was kept, or nothing where it is no longer to be read. */
function read<T>(text: string | null): Partial<T> | null {
  if (text === null) return null
  try {
    return JSON.parse(text) as Partial<T>
  } catch {
    return null
  }
}

interface Pending {
  of: string
  text: string
}

/**
 * Keeps what is being written until it is submitted or discarded: in this browser with each key, on the server a second
 * after the last one. What did not get there goes once the line is there again, or from the page that is opened next.
 * A key is made of lower case letters, digits, colons and hyphens. Who looks at the same ticket sees `what` is written.
 */
export function useDraft<T extends object>(key: () => string, content: Ref<T>, fresh: () => T, what: () => string) {
  const drafts = useDrafts()
  const session = useSession()
  const stream = useStream()
  const savedAt = ref<number | null>(null)
  let pending: Pending | null = null
  let timer: number | undefined
  let quiet: number | undefined
  let known = ''
  let sending: Promise<void> = Promise.resolve()

  const place = (of: string) => `huiyin.draft.${session.user?.id ?? ''}.${of}`

  function show(kept: Partial<T> | null): void {
    content.value = { ...fresh(), ...kept }
    known = JSON.stringify(content.value)
  }

  async function load(): Promise<void> {
    flush()
    const wanted = key()
    savedAt.value = null
    const local = read<T>(localStorage.getItem(place(wanted)))
    show(local)
    if (local !== null) {
      localStorage.setItem(place(wanted), known)
      pending = { of: wanted, text: known }
      return flush()
    }
    const kept = await drafts.find(wanted)
    if (kept === null || key() !== wanted || JSON.stringify(content.value) !== known) return
    show(read<T>(kept.body))
    savedAt.value = kept.at
  }

  /** Sends what waits; what fails stays in this browser. */
  function flush(): void {
    window.clearTimeout(timer)
    if (pending === null) return
    const { of, text } = pending
    pending = null
    const isBlank = text === JSON.stringify(fresh())
    sending = sending.then(async () => {
      const at = place(of)
      if (localStorage.getItem(at) !== text) return
      const sent = await (isBlank ? drafts.drop(of) : drafts.keep(of, text)).then(() => true, () => false)
      if (sent && localStorage.getItem(at) === text) localStorage.removeItem(at)
      if (key() === of) savedAt.value = isBlank ? null : serverClock.now()
    })
  }

  /** It has been submitted, or is not wanted any more. */
  function forget(): void {
    window.clearTimeout(timer)
    pending = null
    const of = key()
    known = JSON.stringify(content.value)
    localStorage.removeItem(place(of))
    savedAt.value = null
    stopWriting()
    sending = sending.then(() => drafts.drop(of)).catch(() => undefined)
  }

  /** Nothing is written, and what is offered at first has changed. */
  function renew(): void {
    show(null)
  }

  function stopWriting(): void {
    window.clearTimeout(quiet)
    stream.writeAbout(null)
  }

  watch(key, () => void load(), { immediate: true })
  watch(
    content,
    (now) => {
      const text = JSON.stringify(now)
      if (text === known) return
      known = text
      const of = key()
      localStorage.setItem(place(of), text)
      pending = { of, text }
      window.clearTimeout(timer)
      timer = window.setTimeout(flush, savedAfter)
      stream.writeAbout(what().replaceAll('-', '_'))
      window.clearTimeout(quiet)
      quiet = window.setTimeout(stopWriting, writesFor)
    },
    { deep: true },
  )
  watch(() => stream.live, (live) => {
    const text = localStorage.getItem(place(key()))
    if (!live || pending !== null || text === null) return
    pending = { of: key(), text }
    flush()
  })
  onBeforeUnmount(() => {
    flush()
    stopWriting()
  })
  return { savedAt, forget, renew }
}
