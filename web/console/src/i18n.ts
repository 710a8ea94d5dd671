import type { Language as ElementPlusLanguage } from 'element-plus/es/locale'
import { shallowRef } from 'vue'
import { createI18n } from 'vue-i18n'
import type { Language } from './api/types'
import type { Messages } from './locales/zh-CN'

export const languages: readonly Language[] = ['zh-CN', 'zh-TW', 'en']
export const languageNames: Readonly<Record<Language, string>> = { 'zh-CN': '简体中文', 'zh-TW': '繁體中文', en: 'English' }

/** The language that a tag of a browser or of a user comes nearest to. */
export function languageOf(tag: string): Language {
  if (/^zh-(TW|HK|MO|Hant)/i.test(tag)) return 'zh-TW'
  return /^zh/i.test(tag) ? 'zh-CN' : 'en'
}

const messagesOf: Record<Language, () => Promise<{ default: Messages }>> = {
  'zh-CN': () => import('./locales/zh-CN'),
  'zh-TW': () => import('./locales/zh-TW'),
  en: () => import('./locales/en'),
}

const elementPlusOf: Record<Language, () => Promise<{ default: ElementPlusLanguage }>> = {
  'zh-CN': () => import('element-plus/es/locale/lang/zh-cn'),
  'zh-TW': () => import('element-plus/es/locale/lang/zh-tw'),
  en: () => import('element-plus/es/locale/lang/en'),
}

export const i18n = createI18n({ legacy: false, locale: 'zh-CN', messages: {}, missingWarn: false, fallbackWarn: false })

export const elementPlusLanguage = shallowRef<ElementPlusLanguage>()

export async function setLanguage(language: Language): Promise<void> {
  const [messages, elementPlus] = await Promise.all([messagesOf[language](), elementPlusOf[language]()])
  i18n.global.setLocaleMessage(language, messages.default)
  i18n.global.locale.value = language
  elementPlusLanguage.value = elementPlus.default
  document.documentElement.lang = language
}

type Leaves<T> = T extends string ? '' : { [K in keyof T & string]: Join<K, Leaves<T[K]>> }[keyof T & string]
type Join<K extends string, Rest extends string> = Rest extends '' ? K : `${K}.${Rest}`

/** Every message there is. */
export type MessageKey = Leaves<Messages>

export type Slots = Record<string, string | number>

/** The sentence for a key, with its named slots filled; `count` chooses among plural forms. */
export function t(key: MessageKey, slots: Slots = {}, count?: number): string {
  return count === undefined ? i18n.global.t(key, slots) : i18n.global.t(key, { n: count, ...slots }, count)
}

/** For codes that a newer server may know and this console does not: null then. */
export function tIfKnown(key: string, slots: Slots = {}): string | null {
  return i18n.global.te(key) ? i18n.global.t(key, slots) : null
}
