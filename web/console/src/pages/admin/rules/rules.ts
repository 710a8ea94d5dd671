import type { components } from '@/api/schema'
import type { Names } from '@/api/types'

type Schemas = components['schemas']
export type Rules = Schemas['Rules']
export type RulesCategory = Schemas['RulesCategory']
export type RulesChange = Schemas['RulesChange']
export type RulesVersion = Schemas['RulesVersion']
export type RulesOutcome = Schemas['RulesOutcome']
export type PackChange = Schemas['PackChange']
export type ForeseenClock = Schemas['ForeseenClock']
export type DeadlineKind = Schemas['DeadlineKind']

/** What can be edited of a category, by its path in a pack, as text. */
export function valuesOf(category: RulesCategory): Record<string, string> {
  const { limits } = category
  return {
    priority: category.priority,
    department: category.department.otherwise,
    approval_from: category.approval_from ?? '',
    open_to_public: String(category.open_to_public),
    'limits.max_returns': String(limits.max_returns),
    'limits.max_extensions': String(limits.max_extensions),
    'limits.max_extension': limits.max_extension.says,
    'limits.max_holds': String(limits.max_holds),
    ...Object.fromEntries(category.targets.map((target) => [`targets.${target.kind ?? ''}`, target.says])),
  }
}

/** What somebody changed, and what stood there when he did. */
export type Edits = Record<string, { before: string; after: string }>

/** A category that is not there yet: like another one, but for its name. */
export interface NewCategory {
  code: string
  name: Names
  like: string
}

export interface RulesDraft {
  basedOn: number
  /** By category and path: `missed_copy.targets.resolve`. */
  edits: Edits
  added: NewCategory[]
}

export const noDraft = (): RulesDraft => ({ basedOn: 0, edits: {}, added: [] })

/** The new ones that can be added to these rules: what they are like is there, and their code is free. */
export function addable(rules: Rules, added: readonly NewCategory[]): NewCategory[] {
  const codes = new Set(rules.categories.map(({ code }) => code))
  return added.filter(({ code, like }) => codes.has(like) && !codes.has(code))
}

/** The rules with the new categories in them, each as the one that it is like. */
export function withAdded(rules: Rules, added: readonly NewCategory[]): Rules {
  const made = addable(rules, added).flatMap(({ code, name, like }) => rules.categories.filter((each) => each.code === like).map((each) => ({ ...each, code, name })))
  return { ...rules, categories: [...rules.categories, ...made] }
}

const splitKey = (key: string) => {
  const at = key.indexOf('.')
  return { code: key.slice(0, at), path: key.slice(at + 1) }
}

/** Sets a value; one that is again what it was is no edit. */
export function withEdit(edits: Edits, key: string, current: string, after: string): Edits {
  const { [key]: known, ...others } = edits
  return after === current ? others : { ...others, [key]: { before: known?.before ?? current, after } }
}

export function editedCategories(edits: Edits): Set<string> {
  return new Set(Object.keys(edits).map((key) => splitKey(key).code))
}

function valueFor(path: string, text: string, category: RulesCategory | undefined): unknown {
  if (path === 'open_to_public') return text === 'true'
  if (path === 'approval_from') return text === '' ? null : text
  if (path === 'department') return category?.department.field ? { otherwise: text } : text
  // What is no number is sent as it is, so that the server says what is wrong with it.
  if (/^limits\.max_(returns|extensions|holds)$/.test(path)) return /^\d+$/.test(text) ? Number(text) : text
  return text
}

const saysOf = (targets: RulesCategory['targets']) => Object.fromEntries(targets.map(({ kind, says }) => [kind ?? '', says]))

/** A whole category as a pack writes it. */
function packOf({ code, name, type, priority, department, limits, ...more }: RulesCategory): Record<string, unknown> {
  const { field, otherwise } = department
  return {
    code, name, type, priority,
    open_to_public: more.open_to_public,
    department: field === null ? otherwise : { field, values: Object.fromEntries(department.values.map((each) => [each.value, each.department])), otherwise },
    ...(more.observers.length > 0 && { observers: more.observers }),
    ...(more.approval_from !== null && { approval_from: more.approval_from }),
    ...(more.presumed_valid && { presumed_valid: true }),
    ...(more.direct_authority_cents !== null && { direct: { authority_cents: more.direct_authority_cents } }),
    ...(more.resolve_from_created && { resolve_from_created: true }),
    ...(more.callback_sample_percent < 100 && { callback_sample_percent: more.callback_sample_percent }),
    ...(more.system_may_close && { system_may_close: true }),
    ...(more.evidence !== null && { evidence: more.evidence }),
    limits: {
      max_returns: limits.max_returns, max_promise: `${limits.max_promise_days}d`, max_extensions: limits.max_extensions, max_extension: limits.max_extension.says,
      max_holds: limits.max_holds,
    },
    targets: saysOf(more.targets),
    ...(more.targets_by_department.length > 0 && { targets_by_department: Object.fromEntries(more.targets_by_department.map((each) => [each.department, saysOf(each.targets)])) }),
  }
}

/** The edits and the new categories as the server takes them; the new ones are in `rules`. */
export function changeOf(edits: Edits, rules: Rules, added: readonly NewCategory[] = []): RulesChange {
  const isAdded = (code: string) => added.some((each) => each.code === code)
  const categories = new Map<string, Record<string, unknown>>(rules.categories.filter(({ code }) => isAdded(code)).map((each) => [each.code, packOf(each)]))
  for (const [key, { after }] of Object.entries(edits)) {
    const { code, path } = splitKey(key)
    const entry = categories.get(code) ?? { code }
    categories.set(code, entry)
    const [group, name] = path.split('.')
    const value = valueFor(path, after, rules.categories.find((each) => each.code === code))
    if (path === 'department' && isAdded(code) && typeof value === 'object') entry[path] = { ...(entry[path] as object), ...value }
    else if (name === undefined) entry[path] = value
    else entry[group!] = { ...(entry[group!] as object | undefined), [name]: value }
  }
  return categories.size === 0 ? {} : { categories: [...categories.values()] as NonNullable<RulesChange['categories']> }
}

/** The edits on what holds now, and which of them somebody else changed too. */
export function rebase(edits: Edits, rules: Rules): { edits: Edits; both: string[] } {
  const now = new Map(rules.categories.map((each) => [each.code, valuesOf(each)]))
  const kept: Edits = {}
  const both: string[] = []
  for (const [key, { before, after }] of Object.entries(edits)) {
    const { code, path } = splitKey(key)
    const current = now.get(code)?.[path]
    if (current === undefined || current === after) continue
    if (current !== before) both.push(key)
    kept[key] = { before: current, after }
  }
  return { edits: kept, both }
}

/** The words about fields of a category, from paths like `change.categories.missed_copy.targets.resolve`. */
export function faultsOf(violations: readonly { field: string; reason: string }[], code: string): Record<string, string> {
  const start = `categories.${code}.`
  return Object.fromEntries(
    violations.flatMap(({ field, reason }) => {
      const path = field.replace(/^change\./, '')
      return path.startsWith(start) ? [[path.slice(start.length), reason]] : []
    }),
  )
}
