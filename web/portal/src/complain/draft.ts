import { forget, isRecord, load, save, text } from '../storage'
import { nothing, readEntries, type Entries } from './complaint'

/** A try whose outcome is unknown: exactly what was sent, so that it can be sent again. */
export interface Attempt {
  complaint: string
  files: number
}

/** What is being written. The key stays with it until a receipt came, however often it is sent. */
export interface Draft {
  key: string
  entries: Entries
  byEmail: boolean
  attempt?: Attempt
  /** It was meant to go and waits for the network or the server. */
  waiting: boolean
}

const place = 'huiyin.portal.draft'

export function freshDraft(): Draft {
  return { key: newKey(), entries: { ...nothing, fields: {} }, byEmail: false, waiting: false }
}

/** randomUUID is missing where the page came over plain HTTP. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function readDraft(value: unknown): Draft | undefined {
  if (!isRecord(value) || typeof value.key !== 'string' || !/^[!-~]{1,128}$/.test(value.key)) return undefined
  const attempt = isRecord(value.attempt)
    ? { complaint: text(value.attempt.complaint), files: Number(value.attempt.files) || 0 }
    : undefined
  return {
    key: value.key,
    entries: readEntries(value.entries),
    byEmail: value.byEmail === true,
    attempt,
    waiting: value.waiting === true && attempt !== undefined,
  }
}

export const loadDraft = (): Draft | undefined => readDraft(load(place))
export const saveDraft = (draft: Draft): boolean => save(place, { ...draft, entries: { ...draft.entries, trap: '' } })
export const forgetDraft = (): void => forget(place)

export function isBlank({ entries }: Draft): boolean {
  return ![entries.problem, entries.wish, entries.name, entries.phone, entries.email].some((each) => each.trim())
}

const pauses = [5_000, 15_000, 30_000, 60_000]

/** How long to wait before the next try after so many failed ones. */
export function pauseAfter(failures: number, retryAfterS: number): number {
  return Math.max(pauses[Math.min(failures, pauses.length) - 1] ?? pauses[0] ?? 0, retryAfterS * 1_000)
}
