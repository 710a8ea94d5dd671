import { onBeforeUnmount, onMounted, watch } from 'vue'
import type { Ref, WatchSource } from 'vue'
import { serverClock } from './serverClock'

// One timer for all that shows time. What it calls writes text nodes itself, so nothing is rendered anew each second.
type Tick = (now: number) => void
const ticking = new Set<Tick>()
let timer: number | undefined

function beat(): void {
  const now = serverClock.now()
  for (const tick of ticking) tick(now)
}

export function onTick(tick: Tick): () => void {
  ticking.add(tick)
  timer ??= window.setInterval(beat, 1_000)
  return () => {
    ticking.delete(tick)
    if (ticking.size > 0 || timer === undefined) return
    window.clearInterval(timer)
    timer = undefined
  }
}

/** Keeps the text of `element` equal to `text(now)`; `changes` are what `text` depends on besides the time. */
export function useTickingText(
  element: Readonly<Ref<HTMLElement | null>>,
  text: (now: number) => string,
  changes: WatchSource,
): void {
  const write: Tick = (now) => {
    const wanted = text(now)
    if (element.value !== null && element.value.textContent !== wanted) element.value.textContent = wanted
  }
  let stop: () => void = () => {}
  onMounted(() => {
    write(serverClock.now())
    stop = onTick(write)
  })
  watch(changes, () => write(serverClock.now()), { flush: 'post' })
  onBeforeUnmount(() => stop())
}
