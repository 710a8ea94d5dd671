import { onBeforeUnmount, ref, watch } from 'vue'
import type { Ref } from 'vue'
import { serverClock } from './serverClock'

const savesAfter = 1_000

/** Keeps what is being written in this browser, a second after the last key, until it is submitted or discarded. */
export function useDraft<T extends object>(name: string, content: Ref<T>, isEmpty: (content: T) => boolean) {
  const key = `huiyin.draft.${name}`
  const savedAt = ref<number | null>(null)
  let timer: number | undefined

  try {
    const kept = localStorage.getItem(key)
    if (kept !== null) content.value = { ...content.value, ...(JSON.parse(kept) as Partial<T>) }
  } catch {
    localStorage.removeItem(key)
  }

  function write(): void {
    window.clearTimeout(timer)
    timer = undefined
    if (isEmpty(content.value)) localStorage.removeItem(key)
    else localStorage.setItem(key, JSON.stringify(content.value))
    savedAt.value = isEmpty(content.value) ? null : serverClock.now()
  }

  const stop = watch(
    content,
    () => {
      window.clearTimeout(timer)
      timer = window.setTimeout(write, savesAfter)
    },
    { deep: true },
  )

  function drop(): void {
    window.clearTimeout(timer)
    timer = undefined
    stop()
    localStorage.removeItem(key)
    savedAt.value = null
  }

  onBeforeUnmount(() => {
    if (timer !== undefined) write()
  })
  return { savedAt, drop }
}
