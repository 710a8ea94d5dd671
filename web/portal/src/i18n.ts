import type zhCN from './locales/zh-CN'

export type MessageKey = keyof typeof zhCN
export type Messages = Record<MessageKey, string>
export const languages = ['zh-CN', 'zh-TW', 'en'] as const
export type Language = (typeof languages)[number]
export type Slots = Record<string, string | number>
export type Names = Partial<Record<Language, string>>

const loaders: Record<Language, () => Promise<{ default: Messages }>> = {
  'zh-CN': () => import('./locales/zh-CN'),
  'zh-TW': () => import('./locales/zh-TW'),
  en: () => import('./locales/en'),
}
const stored = 'huiyin.portal.language'

let current: Language = 'zh-CN'
let messages: Messages

export function isLanguage(value: unknown): value is Language {
  return languages.some((each) => each === value)
}

/** The portal's language for a browser's tag: traditional script for Taiwan, Hong Kong and Macao. */
export function matchLanguage(tag: string): Language | undefined {
  const lower = tag.toLowerCase()
  if (/^zh\b.*\b(tw|hk|mo|hant)\b/.test(lower)) return 'zh-TW'
  if (/^zh\b/.test(lower)) return 'zh-CN'
  if (/^en\b/.test(lower)) return 'en'
  return undefined
}

export function preferredLanguage(asked: string | null, kept: string | null, browser: readonly string[]): Language {
  if (isLanguage(asked)) return asked
  if (isLanguage(kept)) return kept
  for (const tag of browser) {
    const match = matchLanguage(tag)
    if (match) return match
  }
  return 'en'
}

/** Puts values into `{slots}`. Where a message has two forms, `one|other`, the slot `n` chooses. */
export function fill(message: string, slots: Slots = {}): string {
  const forms = message.split('|')
  const form = (forms.length > 1 && Number(slots.n) !== 1 ? forms[1] : forms[0]) ?? ''
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => String(slots[name] ?? whole))
}

/** Splits a message around one slot, for a sentence that holds a link. */
export function around(message: string, slot: string): [string, string] {
  const [before = '', after = ''] = message.split(`{${slot}}`)
  return [before, after]
}

export const language = (): Language => current
export const t = (key: MessageKey, slots?: Slots): string => fill(messages[key], slots)

export function hasMessage(key: string): key is MessageKey {
  return Object.hasOwn(messages, key)
}

/** A name in the reader's language, or in any that it has. */
export function nameOf(names: Names): string {
  return names[current] ?? names['zh-CN'] ?? names.en ?? names['zh-TW'] ?? ''
}

function keep(chosen: Language): void {
  try {
    localStorage.setItem(stored, chosen)
  } catch {
    // A browser that keeps nothing asks the next time again.
  }
}

function kept(): string | null {
  try {
    return localStorage.getItem(stored)
  } catch {
    return null
  }
}

export async function useLanguage(chosen: Language): Promise<void> {
  messages = (await loaders[chosen]()).default
  current = chosen
  document.documentElement.lang = chosen
}

/** Chooses and loads the language; words the page and its language links, and again at each switch. */
export async function startLanguage(page: MessageKey, render: () => void): Promise<void> {
  const apply = () => {
    translate(document)
    document.title = t(page)
    for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-language]'))
      link.hidden = link.dataset.language === current
    render()
  }
  const asked = new URLSearchParams(location.search).get('lang')
  await useLanguage(preferredLanguage(asked, kept(), navigator.languages))
  if (isLanguage(asked)) keep(asked)
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-language]'))
    link.addEventListener('click', (event) => {
      const chosen = link.dataset.language
      if (!isLanguage(chosen)) return
      event.preventDefault()
      keep(chosen)
      void useLanguage(chosen).then(apply)
    })
  apply()
  document.documentElement.dataset.ready = ''
}

/** Words the elements that name their message: `data-t`, and `data-t-<attribute>` for an attribute. */
export function translate(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>('[data-t], [data-t-placeholder], [data-t-aria-label]')) {
    const { t: text, tPlaceholder: placeholder, tAriaLabel: label } = element.dataset
    if (text && hasMessage(text)) element.textContent = t(text)
    if (placeholder && hasMessage(placeholder)) element.setAttribute('placeholder', t(placeholder))
    if (label && hasMessage(label)) element.setAttribute('aria-label', t(label))
  }
}
