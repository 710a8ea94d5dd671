import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { languageOf, setLanguage } from '@/i18n'
import type { Language } from '@/api/types'

export type Theme = 'system' | 'light' | 'dark'

function kept<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
  const value = localStorage.getItem(`huiyin.${name}`)
  return allowed.find((each) => each === value) ?? fallback
}

/** What this browser keeps: theme, language, density, whether single keys act. */
export const useSettings = defineStore('settings', () => {
  const theme = ref(kept<Theme>('theme', ['system', 'light', 'dark'], 'system'))
  const language = ref<Language>(languageOf(localStorage.getItem('huiyin.language') ?? navigator.language))
  const singleKeys = ref(kept('singleKeys', ['on', 'off'], 'on') === 'on')
  const compactRows = ref(kept('rows', ['normal', 'compact'], 'normal') === 'compact')
  const dark = ref(false)

  const systemDark = window.matchMedia('(prefers-color-scheme: dark)')

  function paint(): void {
    dark.value = theme.value === 'dark' || (theme.value === 'system' && systemDark.matches)
    const root = document.documentElement
    root.classList.add('repainting')
    root.classList.toggle('dark', dark.value)
    requestAnimationFrame(() => requestAnimationFrame(() => root.classList.remove('repainting')))
  }

  async function speak(wanted: Language): Promise<void> {
    await setLanguage(wanted)
    language.value = wanted
    localStorage.setItem('huiyin.language', wanted)
  }

  systemDark.addEventListener('change', paint)
  watch(theme, (value) => {
    localStorage.setItem('huiyin.theme', value)
    paint()
  })
  watch(singleKeys, (on) => localStorage.setItem('huiyin.singleKeys', on ? 'on' : 'off'))
  watch(compactRows, (on) => localStorage.setItem('huiyin.rows', on ? 'compact' : 'normal'))
  paint()

  return { theme, language, singleKeys, compactRows, dark, speak }
})
