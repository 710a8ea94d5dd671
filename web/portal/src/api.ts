import type { Contact } from './contact'
import type { Names } from './i18n'
import { isRecord, text } from './storage'

export interface Violation {
  field: string
  reason: string
}

/** A refusal of the server (RFC 9457), or `offline` where there was no answer at all. */
export interface Refusal {
  code: string
  violations: Violation[]
  retryAfter: number
  trace: string
}
export type Answer<T> = { ok: true; status: number; body: T; at: Date } | { ok: false; refusal: Refusal }

export type Stage = 'received' | 'assigned' | 'in_progress' | 'promised' | 'reviewing' | 'calling_back' | 'closed'
/** How a case came to a stage, where it matters to the customer. */
export type Turn =
  | 'registered' | 'passed_on' | 'assigned' | 'work_began' | 'work_continues' | 'promised' | 'promise_fulfilled' | 'answered' | 'assessed'
  | 'asking_you' | 'not_solved' | 'disputed' | 'reopened' | 'withdrawal_noted' | 'withdrawal_not_confirmed' | 'merged' | 'closed'
export interface Tracked {
  stage: Stage
  category: { code: string; name: Names } | null
  department: { code: string; name: Names } | null
  next_promise_at: string | null
  next_promise_kind: 'promise' | 'answer' | 'callback' | null
  reopen_until: string | null
  acts: { act: ActName; open: boolean; again_at: string | null }[]
  history: { stage: Stage; at: string; what: Turn }[]
}

export interface Receipt {
  number: string
  tracking_url: string
  due_at: string | null
}
export interface ParkedReceipt {
  receipt: string
}

export type ActName = 'added_word' | 'urge' | 'verdict' | 'dispute' | 'reopen' | 'withdrawal'
export type Solved = 'yes' | 'partly' | 'no'
export interface Answers {
  solved: Solved
  result?: number
  time?: number
  attitude?: number
}
export interface Act {
  act: ActName
  text?: string
  answers?: Answers
}
export type Proof = Contact | { token: string }
export interface ActOutcome {
  number: string
  act: ActName
  outcome: 'applied' | 'refused' | 'pending'
  reason: string | null
}

const answerWithin = 30_000
export const offline: Refusal = { code: 'offline', violations: [], retryAfter: 0, trace: '' }

/** Whether the same request may do better later: nobody answered, or somebody who could not. */
export function isPassing(refusal: Refusal): boolean {
  return [
    'offline', 'rate-limited', 'unavailable', 'overloaded', 'shutting-down', 'timeout', 'request-timeout', 'commit-unknown',
    'serialization-failure', 'internal', 'cancelled',
  ].includes(refusal.code)
}

export function readRefusal(status: number, body: unknown, retryAfter: string | null): Refusal {
  const known = isRecord(body) && typeof body.code === 'string' ? body : { code: status >= 500 ? 'unavailable' : 'unknown' }
  const given: unknown[] = 'violations' in known && Array.isArray(known.violations) ? known.violations : []
  return {
    code: text(known.code),
    violations: given.filter(isRecord).map((each) => ({ field: text(each.field), reason: text(each.reason) })),
    retryAfter: Number(retryAfter) || 0,
    trace: 'trace_id' in known ? text(known.trace_id) : '',
  }
}

export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

async function post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
  try {
    const reply = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerWithin),
    })
    const content = parseJson(await reply.text())
    if (!reply.ok) return { ok: false, refusal: readRefusal(reply.status, content, reply.headers.get('retry-after')) }
    // The daemon's own words: their shape is its contract.
    return { ok: true, status: reply.status, body: content as T, at: serverTime(reply.headers.get('date')) }
  } catch {
    return { ok: false, refusal: offline }
  }
}

function serverTime(date: string | null): Date {
  const at = date ? new Date(date) : new Date()
  return Number.isNaN(at.getTime()) ? new Date() : at
}

export function track(number: string, contact: Contact): Promise<Answer<Tracked>> {
  return post('/public/v1/tracking', { number, ...contact })
}

export function perform(number: string, proof: Proof, act: Act, key: string): Promise<Answer<ActOutcome>> {
  return post(`/public/v1/tickets/${encodeURIComponent(number)}/acts`, { ...act, ...proof }, { 'Idempotency-Key': key })
}

/** The public form as the house set it up; undefined where the daemon has no such route or no answer. */
export async function loadForm(): Promise<{ body: unknown; at: Date } | undefined> {
  try {
    const reply = await fetch('/public/v1/form', { signal: AbortSignal.timeout(answerWithin) })
    if (!reply.ok) return undefined
    return { body: parseJson(await reply.text()), at: serverTime(reply.headers.get('date')) }
  } catch {
    return undefined
  }
}

/** The daemon waits 60 s for a body unless told otherwise; twice that is no answer. */
const uploadWithin = 120_000

/** Sends with progress, which fetch does not tell. */
export function upload<T>(
  path: string,
  body: Blob,
  key: string,
  progress: (share: number) => void,
): Promise<Answer<T>> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    const lost = () => resolve({ ok: false, refusal: offline })
    request.open('POST', path)
    request.timeout = uploadWithin
    request.setRequestHeader('Content-Type', body.type)
    request.setRequestHeader('Idempotency-Key', key)
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total)
    request.onerror = lost
    request.ontimeout = lost
    request.onabort = lost
    request.onload = () => {
      const content = parseJson(request.responseText)
      if (request.status >= 200 && request.status < 300)
        resolve({
          ok: true,
          status: request.status,
          body: content as T,
          at: serverTime(request.getResponseHeader('date')),
        })
      else
        resolve({
          ok: false,
          refusal: readRefusal(request.status, content, request.getResponseHeader('retry-after')),
        })
    }
    request.send(body)
  })
}
