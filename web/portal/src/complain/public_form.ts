import { isLanguage, type Names } from '../i18n'
import { isRecord, text } from '../storage'

export interface Choice {
  code: string
  name: Names
}
const kinds = ['text', 'long_text', 'time', 'choice'] as const
export interface FormField extends Choice {
  /** Whether it is a member of the complaint itself or of its `fields`. */
  place: 'complaint' | 'fields'
  kind: (typeof kinds)[number]
  required: boolean
  max_length?: number
  values: Choice[]
}
export interface Category extends Choice {
  /** Who reports is known to few. */
  confidential: boolean
  fields: FormField[]
  /** Promised if the complaint comes now, as the daemon reckons it. */
  first_answer_by?: string
  solution_by?: string
}
export interface House {
  name?: Names
  phone?: string
  phone_hours?: string
}
export interface PublicForm {
  house: House
  time_zone?: string
  categories: Category[]
}

/** What every complaint has; the page asks it in its own words. */
const ownFields: readonly string[] = ['problem', 'desired_solution']

/** The name under which the page and the daemon's violations know a field. */
export function fieldId({ place, code }: FormField): string {
  return place === 'fields' ? `fields.${code}` : code
}

function readNames(value: unknown): Names | undefined {
  if (!isRecord(value)) return undefined
  const names: Names = {}
  for (const [language, name] of Object.entries(value))
    if (isLanguage(language) && typeof name === 'string') names[language] = name
  return Object.keys(names).length > 0 ? names : undefined
}

function readTime(value: unknown): string | undefined {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined
}

function readChoice(value: unknown): Choice | undefined {
  if (!isRecord(value) || typeof value.code !== 'string') return undefined
  const name = readNames(value.name)
  return name && { code: value.code, name }
}

function list<T>(value: unknown, read: (each: unknown) => T | undefined): T[] {
  const all: unknown[] = Array.isArray(value) ? value : []
  return all.map(read).filter((each) => each !== undefined)
}

function readField(value: unknown): FormField | undefined {
  if (!isRecord(value) || typeof value.code !== 'string') return undefined
  const { code, place } = value
  const name = readNames(value.label)
  const kind = kinds.find((each) => each === value.kind)
  if (!name || !kind || (place !== 'complaint' && place !== 'fields')) return undefined
  if (place === 'complaint' && ownFields.includes(code)) return undefined
  const max_length = typeof value.max_length === 'number' ? value.max_length : undefined
  return { code, name, place, kind, required: value.required === true, max_length, values: list(value.values, readChoice) }
}

function readCategory(value: unknown): Category | undefined {
  const choice = readChoice(value)
  if (!choice || !isRecord(value)) return undefined
  return {
    ...choice,
    confidential: value.confidential === true,
    fields: list(value.fields, readField),
    first_answer_by: readTime(value.first_answer_by),
    solution_by: readTime(value.solution_by),
  }
}

function readZone(value: unknown): string | undefined {
  try {
    return typeof value === 'string' ? new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone : undefined
  } catch {
    return undefined
  }
}

/** The answer of GET /public/v1/form. What cannot be read is left out; without categories the form goes without. */
export function readForm(body: unknown): PublicForm {
  if (!isRecord(body)) return { house: {}, categories: [] }
  return {
    house: {
      name: readNames(body.title),
      phone: text(body.phone) || undefined,
      phone_hours: text(body.phone_hours) || undefined,
    },
    time_zone: readZone(body.time_zone),
    categories: list(body.categories, readCategory),
  }
}
