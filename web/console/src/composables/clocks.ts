import type { Deadline, Ticket } from '@/api/types'

/** How a clock looks. What the server says: the card, the breach, the pause. */
export type ClockTone = 'ok' | 'warn' | 'over' | 'paused'

export function toneOf(card: 'none' | 'yellow' | 'red', breached = false, paused = false): ClockTone {
  if (paused) return 'paused'
  if (breached || card === 'red') return 'over'
  return card === 'yellow' ? 'warn' : 'ok'
}

// Windows and ceilings: when they pass nobody is late.
const silent = new Set<Deadline['kind']>(['return_window', 'hold_max', 'archive', 'fallback'])
const toTheCustomer = new Set<Deadline['kind']>(['resolve', 'rework', 'promise_due', 'callback', 'review', 'invalid_reply'])

const byDue = (a: Deadline, b: Deadline) => Date.parse(a.due_at) - Date.parse(b.due_at)

/** What the customer waits for: the answer, or what has replaced it. */
export function customerDeadline(ticket: Pick<Ticket, 'deadlines'>): Deadline | null {
  const open = ticket.deadlines.filter((each) => ['running', 'paused'].includes(each.state) && toTheCustomer.has(each.kind))
  return open.sort(byDue).at(0) ?? null
}

/** The step that is owed now: the nearest that is not the customer's, paused ones last. */
export function stepDeadline(ticket: Pick<Ticket, 'deadlines'>): Deadline | null {
  const open = ticket.deadlines.filter((each) => ['running', 'paused'].includes(each.state) && !silent.has(each.kind))
  const nearest = open.sort((a, b) => Number(a.state === 'paused') - Number(b.state === 'paused') || byDue(a, b))
  return nearest[0] ?? null
}
