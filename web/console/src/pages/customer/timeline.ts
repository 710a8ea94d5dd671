import type { TimelineItem } from '@/api/types'
import type { TicketRow } from '@/pages/desks/tickets'

const closed: readonly TicketRow['status'][] = ['closed', 'archived', 'withdrawn', 'merged']

export interface Matters {
  open: TicketRow[]
  done: TicketRow[]
}

export function mattersOf(rows: readonly TicketRow[]): Matters {
  return { open: rows.filter((row) => !closed.includes(row.status)), done: rows.filter((row) => closed.includes(row.status)) }
}

/** Entries under the day they were made on; the order stays. */
export function byDay<T extends Pick<TimelineItem, 'at'>>(items: readonly T[], dayOf: (at: string) => string): { day: string; items: T[] }[] {
  const days: { day: string; items: T[] }[] = []
  for (const item of items) {
    const day = dayOf(item.at)
    const last = days.at(-1)
    if (last?.day === day) last.items.push(item)
    else days.push({ day, items: [item] })
  }
  return days
}

/** What has to be typed before a person is erased: the last digits of a number of his, or his id's where there is none. */
export function phraseToErase(customer: { id: string; identities: { kind: string; value: string }[] }): string {
  const phone = customer.identities.find((each) => each.kind === 'phone')?.value.replace(/\D/g, '')
  return phone !== undefined && phone.length >= 4 ? phone.slice(-4) : customer.id.slice(0, 4)
}
