import type { Ticket } from '@/api/types'
import type { ActName } from '@/pages/desks/acts'

/** What stands in the middle of the page as the next step, and what decides together with it. */
export const companions: Partial<Record<ActName, ActName>> = {
  approvals: 'rejections', pass: 'reply-rejections', verdicts: 'callback-attempts', dispatch: 'invalidity', acceptance: 'returns',
}
const leading: ActName[] = [
  'return-signature', 'hold-signature', 'final-answer-signature', 'extension-decisions', 'withdrawal-confirmation', 'arbitration',
  'approvals', 'pass', 'verdicts', 'acceptance', 'classification', 'dispatch', 'invalid-reply', 'solutions', 'completion', 'fulfilment', 'resumption', 'co-handler-results', 'urge-answers', 'supervision-answers',
]

/** A matter is classified once: then the next thing is to judge it. */
export function nextStep(allowed: ReadonlySet<string>, category: string): ActName | null {
  const isDone = (name: ActName) => name === 'classification' && category !== '' && allowed.has('dispatch')
  return leading.find((name) => allowed.has(name) && !isDone(name)) ?? null
}

const objects: Partial<Record<ActName, (ticket: Ticket) => boolean>> = {
  'return-signature': (ticket) => ticket.flags.return_requested,
  'hold-signature': (ticket) => ticket.holds.some((hold) => hold.state === 'pending'),
  'extension-decisions': (ticket) => ticket.flags.extension_pending,
  'final-answer-signature': (ticket) => ticket.final_answer !== null && ticket.final_answer.agreed_at === null,
  'withdrawal-confirmation': (ticket) => ticket.withdrawal !== null,
  'supervision-answers': (ticket) => ticket.flags.supervised,
  'supervision-clearance': (ticket) => ticket.flags.supervised,
  'urge-answers': (ticket) => ticket.flags.urge_count > 0,
  'kept-promises': (ticket) => ticket.promises.length > 0,
  'co-handler-results': (ticket) => ticket.work_orders.some((order) => order.kind === 'co_handler'),
  'co-handler-waivers': (ticket) => ticket.work_orders.some((order) => order.kind === 'co_handler'),
  resumption: (ticket) => ticket.status === 'on_hold',
  'group-departure': (ticket) => ticket.group_root !== null,
  arbitration: (ticket) => ticket.flags.return_count > 0,
}

/** Whether there is anything on the ticket that the act is about: a refusal of one without is no news. */
export function hasObject(name: ActName, ticket: Ticket): boolean {
  return objects[name]?.(ticket) ?? true
}
