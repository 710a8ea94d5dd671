import type { DeskTicket } from '@/pages/desks/tickets'
import { cameBack } from '@/pages/desks/why'

export type LaneId = 'toAccept' | 'atWork' | 'back'
export interface Lane {
  id: LaneId
  cards: DeskTicket[]
}

export interface Waiting {
  approval: number
  coHandlers: number
  review: number
  callback: number
}

/** Whether this department does a part of a ticket that another one leads. */
export function coHandles({ ticket }: DeskTicket, department: string): boolean {
  return ticket.department_id !== department && ticket.work_orders.some((order) => order.kind === 'co_handler' && order.department_id === department && order.ended_at === null)
}

export function lanesOf(tickets: readonly DeskTicket[], department: string, only: string | null): Lane[] {
  const shown = tickets.filter((each) => only === null || each.ticket.handler_id === only)
  const ours = (each: DeskTicket) => each.ticket.department_id === department
  const atWork = shown.filter((each) => (ours(each) && ['investigating', 'executing', 'promised', 'on_hold'].includes(each.ticket.status)) || coHandles(each, department))
  return [
    { id: 'toAccept', cards: tickets.filter((each) => ours(each) && each.ticket.status === 'dispatched') },
    { id: 'atWork', cards: atWork.filter((each) => !cameBack(each)) },
    { id: 'back', cards: atWork.filter(cameBack) },
  ]
}

export function waitingFor(tickets: readonly DeskTicket[], department: string): Waiting {
  const ours = tickets.filter((each) => each.ticket.department_id === department)
  const at = (status: string) => ours.filter((each) => each.ticket.status === status).length
  return {
    approval: at('pending_approval'),
    coHandlers: ours.filter((each) => each.ticket.work_orders.some((order) => order.kind === 'co_handler' && order.ended_at === null)).length,
    review: at('reply_review'),
    callback: at('callback_pending'),
  }
}

function likelyActs(card: DeskTicket, department: string): string[] {
  const { ticket } = card
  if (coHandles(card, department)) return ['co-handler-results']
  const owed = (kind: string) => ticket.deadlines.some((each) => each.kind === kind && each.state === 'running')
  const toAccept = ticket.status === 'dispatched' ? ['acceptance'] : []
  if (owed('supervision_reply')) return ['supervision-answers', ...toAccept]
  if (owed('urge_reply')) return ['urge-answers', ...toAccept]
  switch (ticket.status) {
    case 'dispatched':
      return ticket.flags.no_return || ticket.flags.return_requested ? ['acceptance'] : ['returns', 'acceptance']
    case 'on_hold':
      return ['resumption']
    case 'promised':
      return ['contacts', 'fulfilment']
    case 'executing':
      return ['completion']
    default:
      return ticket.contacts.some((each) => each.reached) ? ['extensions', 'solutions'] : ['contacts', 'solutions']
  }
}

const handlersOnly: readonly string[] = ['solutions', 'completion', 'fulfilment']

/** The one or two acts that this card most likely needs next; the likeliest last, beside the thumb. A leader does not do the handler's. */
export function actsOf(card: DeskTicket, department: string, mayHandle: boolean): string[] {
  return likelyActs(card, department).filter((name) => mayHandle || !handlersOnly.includes(name))
}
