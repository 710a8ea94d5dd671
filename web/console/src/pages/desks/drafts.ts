import { onBeforeUnmount, watch } from 'vue'
import type { Ref } from 'vue'
import { api } from '@/api/client'

const savedAfter = 1_000

/**
 * Keeps what is being written in a form, on the server a second after the last key and in this tab until it got there.
 * A key is made of lower case letters, digits, colons and hyphens.
 */
export function useFormDraft<T extends object>(key: () => string, values: Ref<T>, fresh: () => T): { forget: () => void } {
  let timer: number | undefined
  let written = ''

  const read = (text: string | null): Partial<T> => (text === null ? {} : (JSON.parse(text) as Partial<T>))

  async function load(): Promise<void> {
    const wanted = key()
    const local = sessionStorage.getItem(wanted)
    values.value = { ...fresh(), ...read(local) }
    written = JSON.stringify(values.value)
    if (local !== null) return
    const kept = await api.get('/api/v1/drafts/{key}', { path: { key: wanted } }).catch(() => null)
    if (kept === null || key() !== wanted || JSON.stringify(values.value) !== written) return
    values.value = { ...fresh(), ...read(kept.body) }
    written = JSON.stringify(values.value)
  }

  async function save(at: string, text: string): Promise<void> {
    try {
      await api.put('/api/v1/drafts/{key}', { path: { key: at }, body: { body: text } })
      if (sessionStorage.getItem(at) === text) sessionStorage.removeItem(at)
    } catch {
      // It stays in this tab, and goes to the server with the next key.
    }
  }

  function forget(): void {
    window.clearTimeout(timer)
    sessionStorage.removeItem(key())
    void api.delete('/api/v1/drafts/{key}', { path: { key: key() } }).catch(() => undefined)
  }

  watch(key, () => void load(), { immediate: true })
  watch(
    values,
    (now) => {
      const text = JSON.stringify(now)
      if (text === written) return
      written = text
      const at = key()
      sessionStorage.setItem(at, text)
      window.clearTimeout(timer)
      timer = window.setTimeout(() => void save(at, text), savedAfter)
    },
    { deep: true },
  )
  onBeforeUnmount(() => window.clearTimeout(timer))
  return { forget }
}
