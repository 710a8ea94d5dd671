import type { Ticket } from '@/api/types'

export const comparedFacts = ['status', 'type', 'priority', 'category', 'department', 'handler', 'problem', 'wish', 'solution', 'reply', 'round'] as const
export type ComparedFact = (typeof comparedFacts)[number]

/** What somebody who decides about a ticket has to know of it; codes and ids, not words. */
function factOf(ticket: Ticket, fact: ComparedFact): string {
  switch (fact) {
    case 'department': return ticket.department_id ?? ''
    case 'handler': return ticket.handler_id ?? ''
    case 'wish': return ticket.desired_solution ?? ''
    case 'solution': return ticket.solutions.at(-1)?.text ?? ''
    case 'round': return String(ticket.flags.rework_cycle + 1)
    default: return ticket[fact] ?? ''
  }
}

export interface Change {
  fact: ComparedFact
  before: string
  now: string
}

/** What is different from what somebody saw when he began to write. */
export function changesBetween(before: Ticket, now: Ticket): Change[] {
  return comparedFacts
    .map((fact) => ({ fact, before: factOf(before, fact), now: factOf(now, fact) }))
    .filter((each) => each.before !== each.now)
}
