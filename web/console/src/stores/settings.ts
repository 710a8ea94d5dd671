import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { api } from '@/api/client'
import type { components } from '@/api/schema'
import { languageOf, setLanguage } from '@/i18n'
import type { Language } from '@/api/types'

type Changes = components['schemas']['UserSettingsChanges']
export type Theme = NonNullable<Changes['theme']>

function kept<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
  const value = localStorage.getItem(`huiyin.${name}`)
  return allowed.find((each) => each === value) ?? fallback
}

/**
 * Theme, language, density, whether single keys act: the user's own on every device. This browser remembers them for the
 * first picture, before it is known who looks.
 */
export const useSettings = defineStore('settings', () => {
  const theme = ref(kept<Theme>('theme', ['system', 'light', 'dark'], 'system'))
  const language = ref<Language>(languageOf(localStorage.getItem('huiyin.language') ?? navigator.language))
  const singleKeys = ref(kept('singleKeys', ['on', 'off'], 'on') === 'on')
  const compactRows = ref(kept('rows', ['normal', 'compact'], 'normal') === 'compact')
  const dark = ref(false)

  /** Whose they are is known: a change is kept for him. */
  let known = false
  /** Chosen at the log-in, before that. */
  let chosen: Language | null = null

  const systemDark = window.matchMedia('(prefers-color-scheme: dark)')

  function paint(): void {
    dark.value = theme.value === 'dark' || (theme.value === 'system' && systemDark.matches)
    const root = document.documentElement
    root.classList.add('repainting')
    root.classList.toggle('dark', dark.value)
    requestAnimationFrame(() => requestAnimationFrame(() => root.classList.remove('repainting')))
  }

  function keep(changes: Changes): void {
    if (known) void api.patch('/api/v1/me/settings', { body: changes }).catch(() => undefined)
  }

  async function show(wanted: Language): Promise<void> {
    await setLanguage(wanted)
    language.value = wanted
    localStorage.setItem('huiyin.language', wanted)
  }

  async function speak(wanted: Language): Promise<void> {
    await show(wanted)
    if (!known) chosen = wanted
    keep({ language: wanted })
  }

  /** Takes over what the user has set, on whatever device. */
  async function load(): Promise<void> {
    const own = await api.get('/api/v1/me/settings').catch(() => null)
    if (own === null) return
    known = false
    theme.value = own.theme
    singleKeys.value = own.single_keys
    compactRows.value = own.density === 'compact'
    known = true
    if (chosen !== null && chosen !== own.language) keep({ language: chosen })
    else if (own.language !== language.value) await show(own.language)
    chosen = null
  }

  /** Nobody is known any more. */
  function forget(): void {
    known = false
  }

  systemDark.addEventListener('change', paint)
  watch(theme, (value) => {
    localStorage.setItem('huiyin.theme', value)
    paint()
    keep({ theme: value })
  }, { flush: 'sync' })
  watch(singleKeys, (on) => {
    localStorage.setItem('huiyin.singleKeys', on ? 'on' : 'off')
    keep({ single_keys: on })
  }, { flush: 'sync' })
  watch(compactRows, (on) => {
    localStorage.setItem('huiyin.rows', on ? 'compact' : 'normal')
    keep({ density: on ? 'compact' : 'comfortable' })
  }, { flush: 'sync' })
  paint()

  return { theme, language, singleKeys, compactRows, dark, show, speak, load, forget }
})
