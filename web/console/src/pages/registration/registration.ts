import type { components } from '@/api/schema'
import { instantOf } from '@/pages/desks/wallInput'

export type NewTicket = components['schemas']['NewTicket']

export const channels = ['phone', 'visit', 'letter', 'mail', 'sms', 'chat'] as const
export const types = ['complaint', 'request', 'enquiry', 'suggestion', 'report', 'appeal'] as const

/** What the form holds: strings as they were typed. */
export interface Entries {
  channel: NewTicket['channel']
  out: boolean
  name: string
  phone: string
  email: string
  customer: { id: string; name: string; contacts: string[] } | null
  category: string
  type: string
  problem: string
  object: string
  wish: string
  occurredAt: string
  fields: Record<string, string>
  confidential: boolean
  waiting: boolean
  vip: boolean
}

export function noEntries(): Entries {
  return {
    channel: 'phone', out: false, name: '', phone: '', email: '', customer: null, category: '', type: '', problem: '', object: '', wish: '', occurredAt: '',
    fields: {}, confidential: false, waiting: false, vip: false,
  }
}

/** The fields that are still to be filled in. */
export function missing(entries: Entries): string[] {
  const reachable = entries.customer !== null || entries.phone.trim() !== '' || entries.email.trim() !== ''
  return [...(reachable ? [] : ['contact']), ...(entries.problem.trim() === '' ? ['problem'] : [])]
}

const given = (values: Record<string, string | undefined>) => Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value ? [[name, value]] : [])))

/** What is sent; times are those on the wall of `zone`. */
export function bodyOf(entries: Entries, zone: string): NewTicket {
  const contact = given({ name: entries.customer === null ? entries.name.trim() : '', phone: entries.phone.trim(), email: entries.email.trim() })
  const fields = given(entries.fields)
  return {
    channel: entries.channel,
    direction: entries.out ? 'out' : 'in',
    problem: entries.problem,
    ...(entries.customer !== null && { customer_id: entries.customer.id }),
    ...(Object.keys(contact).length > 0 && { contact }),
    ...(entries.category !== '' && { category: entries.category }),
    ...(entries.category === '' && entries.type !== '' && { type: entries.type as NonNullable<NewTicket['type']> }),
    ...(entries.object.trim() !== '' && { object: entries.object }),
    ...(entries.wish.trim() !== '' && { desired_solution: entries.wish }),
    ...(entries.occurredAt !== '' && { occurred_at: instantOf(entries.occurredAt, zone) }),
    ...(Object.keys(fields).length > 0 && { fields }),
    ...(entries.confidential && { confidential: true }),
    ...(entries.waiting && { customer_waiting: true }),
    ...(entries.vip && { vip: true }),
  }
}
