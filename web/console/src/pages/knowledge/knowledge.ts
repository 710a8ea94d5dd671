import type { components } from '@/api/schema'
import type { Language, Role } from '@/api/types'
import { instantOf, localOf } from '@/pages/desks/wallInput'

type Schemas = components['schemas']
export type Item = Schemas['KnowledgeItem']
export type ItemRow = Schemas['KnowledgeRow']
export type Edition = Schemas['Edition']
export type EditionState = Schemas['EditionState']
export type Kind = Schemas['KnowledgeKind']
export type CannedReply = Schemas['CannedReply']
export type Variable = Schemas['ReplyVariable']

export const writers: Role[] = ['complaint_officer', 'supervisor', 'quality']
export const states: EditionState[] = ['draft', 'review', 'published', 'withdrawn']
const languages: readonly Language[] = ['zh-CN', 'zh-TW', 'en']

/** What a form for an edition holds. */
export interface Written {
  words: Record<Language, { title: string; body: string }>
  categories: string[]
  roles: Role[]
  departments: string[]
  mustAcknowledge: boolean
  from: string
  until: string
}

export function writtenOf(edition: Edition | null, zone: string): Written {
  const local = (at: string | null | undefined) => (at ? localOf(Date.parse(at), zone) : '')
  return {
    words: Object.fromEntries(languages.map((language) => [language, { title: '', body: '', ...edition?.words[language] }])) as Written['words'],
    categories: [...(edition?.categories ?? [])],
    roles: [...(edition?.roles ?? [])],
    departments: [...(edition?.departments ?? [])],
    mustAcknowledge: edition?.must_acknowledge ?? false,
    from: local(edition?.effective_from),
    until: local(edition?.effective_until),
  }
}

/** The languages in which something is written, and those of them that lack a title or a body. */
export function halves(written: Written): { begun: Language[]; half: Language[] } {
  const begun = languages.filter((language) => written.words[language].title.trim() !== '' || written.words[language].body.trim() !== '')
  return { begun, half: begun.filter((language) => written.words[language].title.trim() === '' || written.words[language].body.trim() === '') }
}

export function inputOf(written: Written, kind: Kind, zone: string): Schemas['EditionInput'] {
  const time = (local: string) => (local === '' ? null : instantOf(local, zone))
  return {
    words: Object.fromEntries(halves(written).begun.map((language) => [language, { title: written.words[language].title.trim(), body: written.words[language].body }])),
    categories: written.categories,
    effective_from: time(written.from),
    effective_until: time(written.until),
    ...(kind === 'notice' && { roles: written.roles, departments: written.departments, must_acknowledge: written.mustAcknowledge }),
  }
}

/** What words are there in the reader's language, else in whichever there is. */
export function wordsIn<T>(words: Readonly<Record<string, T>>, language: Language): T | undefined {
  return words[language] ?? words['zh-CN'] ?? Object.values(words)[0]
}

/** Replaces what is selected by a text; the cursor stands behind it. */
export function inserted(text: string, from: number, to: number, what: string): { text: string; cursor: number } {
  return { text: text.slice(0, from) + what + text.slice(to), cursor: from + what.length }
}
