import type { Customer } from '@/api/types'
import type { MessageKey } from '@/i18n'

/** What is kept about a customer, as it is edited: tags in one line. */
export type Profile = Record<'name' | 'tags' | 'note', string>

/** What was written over which text, by field. */
export type ProfileEdits = Partial<Record<keyof Profile, { from: string; to: string }>>

const mostTags = 20
const longestTag = 40
/** So that a comma typed with either keyboard parts tags. */
const between = /[,，、;；\n]+/

export function profileOf({ name, tags, note }: Pick<Customer, 'name' | 'tags' | 'note'>): Profile {
  return { name, tags: tags.join('，'), note }
}

export function edited(edits: ProfileEdits, now: Profile, field: keyof Profile, to: string): ProfileEdits {
  const from = edits[field]?.from ?? now[field]
  const { [field]: _, ...others } = edits
  return to === from ? others : { ...others, [field]: { from, to } }
}

/** The fields that somebody else has changed, too, and to something else. */
export function overtaken(edits: ProfileEdits, now: Profile): (keyof Profile)[] {
  return (Object.keys(edits) as (keyof Profile)[]).filter((field) => edits[field]!.from !== now[field] && edits[field]!.to !== now[field])
}

export function tagsIn(line: string): string[] {
  return [...new Set(line.split(between).map((tag) => tag.trim()).filter((tag) => tag !== ''))]
}

/** Why the daemon would refuse these tags. */
export function tagsWrong(tags: string[]): MessageKey | null {
  if (tags.length > mostTags) return 'customer.edit.tooMany'
  return tags.some((tag) => [...tag].length > longestTag) ? 'customer.edit.tooLong' : null
}
