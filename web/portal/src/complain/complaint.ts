import { isRecord, text } from '../storage'
import { fieldId, type FormField } from './public_form'

/** What the customer typed, as he typed it. */
export interface Entries {
  category: string
  problem: string
  wish: string
  name: string
  phone: string
  email: string
  unnamed: boolean
  /** By the id of the field. */
  fields: Record<string, string>
  /** Of the field that no person sees. */
  trap: string
}

export const nothing: Readonly<Entries> = {
  category: '',
  problem: '',
  wish: '',
  name: '',
  phone: '',
  email: '',
  unnamed: false,
  fields: {},
  trap: '',
}

export interface Complaint {
  contact: { name?: string; phone?: string; email?: string }
  category?: string
  problem: string
  desired_solution?: string
  object?: string
  occurred_at?: string
  fields?: Record<string, string | boolean>
}

/** `asked`: the fields of the chosen category; what was filled in for another one stays behind. */
export function complaintOf(entries: Entries, asked: readonly FormField[]): Complaint {
  const said = (value: string) => value.trim() || undefined
  const members: Record<string, string> = {}
  const fields: Record<string, string | boolean> = {}
  for (const field of asked) {
    const typed = said(entries.fields[fieldId(field)] ?? '')
    const value = typed && field.kind === 'time' ? asInstant(typed) : typed
    if (value) (field.place === 'fields' ? fields : members)[field.code] = value
  }
  // A password manager fills it, too: the complaint is kept and an officer sees the mark.
  if (entries.trap) fields.trap_filled = true
  return {
    ...members,
    contact: {
      name: entries.unnamed ? undefined : said(entries.name),
      phone: said(entries.phone),
      email: said(entries.email),
    },
    category: said(entries.category),
    problem: entries.problem,
    desired_solution: said(entries.wish),
    fields: Object.keys(fields).length > 0 ? fields : undefined,
  }
}

/** What a time field holds is the reader's wall time. */
function asInstant(local: string): string | undefined {
  const at = new Date(local)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

/**
 * The request's body. The same complaint under the same key gives the same bytes, boundary included, for the daemon
 * refuses another body under a known key.
 */
export function requestBody(complaint: string, files: readonly File[], key: string): Blob {
  if (files.length === 0) return new Blob([complaint], { type: 'application/json' })
  const boundary = `huiyin-${key}`
  const head = (disposition: string, type: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\nContent-Type: ${type}\r\n\r\n`
  const parts: BlobPart[] = [head('name="complaint"', 'application/json'), complaint, '\r\n']
  for (const file of files)
    parts.push(
      head(`name="file"; filename="${fileName(file.name)}"`, file.type || 'application/octet-stream'),
      file,
      '\r\n',
    )
  parts.push(`--${boundary}--\r\n`)
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` })
}

/** As HTML's own forms escape it. */
function fileName(name: string): string {
  return name.replace(/\r|\n|"/g, (each) => encodeURIComponent(each))
}

export type Fault = 'required' | 'contact_required' | 'phone' | 'email' | 'invalid' | 'too_long'
export interface Finding {
  /** The id of its control. */
  field: string
  fault: Fault
}

export const lengthLimits = { problem: 10_000, wish: 2_000, name: 100 } as const

/** What need not be sent to be refused. `required`: the ids of the fields that the category insists on. */
export function check(entries: Entries, withCategories: boolean, byEmail: boolean, required: readonly string[]): Finding[] {
  const found: Finding[] = []
  if (withCategories && !entries.category) found.push({ field: 'category', fault: 'required' })
  for (const field of required) if (!entries.fields[field]?.trim()) found.push({ field, fault: 'required' })
  if (!entries.problem.trim()) found.push({ field: 'problem', fault: 'required' })
  for (const field of ['problem', 'wish', 'name'] as const)
    if ([...entries[field]].length > lengthLimits[field]) found.push({ field, fault: 'too_long' })
  const contact = byEmail ? entries.email : entries.phone
  if (!contact.trim()) found.push({ field: byEmail ? 'email' : 'phone', fault: 'contact_required' })
  return found
}

const fieldOf: Record<string, string> = {
  category: 'category',
  problem: 'problem',
  desired_solution: 'wish',
  'contact.name': 'name',
  'contact.phone': 'phone',
  'contact.email': 'email',
}

/** The daemon's violations at the fields that the customer sees; those of the whole are left out. */
export function findingsOf(violations: readonly { field: string; reason: string }[], byEmail: boolean): Finding[] {
  const found: Finding[] = []
  for (const { field, reason } of violations) {
    const fault: Fault = reason === 'required' || reason === 'too_long' ? reason : 'invalid'
    const own = fieldOf[field]
    if (field === 'contact') found.push({ field: byEmail ? 'email' : 'phone', fault: 'contact_required' })
    else if (own === 'phone' || own === 'email') found.push({ field: own, fault: own })
    else if (own) found.push({ field: own, fault })
    else if (field) found.push({ field, fault })
  }
  return found
}

export function readEntries(value: unknown): Entries {
  if (!isRecord(value)) return { ...nothing }
  const fields: Record<string, string> = {}
  if (isRecord(value.fields)) for (const [code, each] of Object.entries(value.fields)) fields[code] = text(each)
  return {
    category: text(value.category),
    problem: text(value.problem),
    wish: text(value.wish),
    name: text(value.name),
    phone: text(value.phone),
    email: text(value.email),
    unnamed: value.unnamed === true,
    fields,
    trap: '',
  }
}
