import type { Customer } from '@/api/types'
import type { MessageKey } from '@/i18n'

/** What is kept about a customer, as it is edited: tags in one line. */
export type Profile = Record<'name' | 'tags' | 'note', string>

const mostTags = 20
const longestTag = 40
/** So that a comma typed with either keyboard parts tags. */
const between = /[,，、;；\n]+/

export function profileOf({ name, tags, note }: Pick<Customer, 'name' | 'tags' | 'note'>): Profile {
  return { name, tags: tags.join('，'), note }
}

export function tagsIn(line: string): string[] {
  return [...new Set(line.split(between).map((tag) => tag.trim()).filter((tag) => tag !== ''))]
}

/** Why the daemon would refuse these tags. */
export function tagsWrong(tags: string[]): MessageKey | null {
  if (tags.length > mostTags) return 'customer.edit.tooMany'
  return tags.some((tag) => [...tag].length > longestTag) ? 'customer.edit.tooLong' : null
}
