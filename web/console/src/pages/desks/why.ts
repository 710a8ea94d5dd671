import type { HistoryItem, Ticket } from '@/api/types'
import type { WholeTicket } from './tickets'

/** Why a ticket is where it is, as far as a card has to say it before all else; the gravest first. */
export type Why =
  | { kind: 'supervised'; due: string | null; by: string | null; text: string }
  | { kind: 'urged'; count: number; due: string | null }
  | { kind: 'held'; reason: string; until: string | null; text: string }
  | { kind: 'returnAsked'; event: HistoryItem }
  | { kind: 'notContent'; round: number; reason: string }
  | { kind: 'replyRejected'; event: HistoryItem }
  | { kind: 'solutionRejected'; comment: string; by: string; at: string }
  | { kind: 'returnRefused'; event: HistoryItem }
  | { kind: 'returned'; event: HistoryItem }
  | { kind: 'ruled'; event: HistoryItem }
  | { kind: 'promised'; due: string }

function dueOf(ticket: Ticket, kind: string): string | null {
  return ticket.deadlines.findLast((each) => each.kind === kind && each.state === 'running')?.due_at ?? null
}

const last = (history: readonly HistoryItem[], ...kinds: string[]) => history.findLast((each) => kinds.includes(each.kind))

const overcome = ['ticket.solution_proposed', 'ticket.completed', 'ticket.closed']

/** The last setback, unless work has gone on since. */
function setbackIn({ ticket, history }: WholeTicket): Why | null {
  const decided = ticket.approvals.at(-1)
  const pending = ticket.solutions.at(-1)
  if (decided !== undefined && !decided.approved && pending?.id === decided.solution_id) {
    return { kind: 'solutionRejected', comment: decided.comment ?? '', by: decided.by, at: decided.at }
  }
  const event = last(history, 'ticket.reply_rejected', 'ticket.return_refused', 'ticket.returned', 'ticket.arbitrated')
  const since = event === undefined ? [] : history.slice(history.indexOf(event) + 1)
  if (event !== undefined && !since.some((each) => overcome.includes(each.kind))) {
    if (event.kind === 'ticket.reply_rejected') return { kind: 'replyRejected', event }
    if (event.kind === 'ticket.return_refused') return { kind: 'returnRefused', event }
    return event.kind === 'ticket.arbitrated' ? { kind: 'ruled', event } : { kind: 'returned', event }
  }
  const verdict = ticket.callbacks.findLast((each) => each.verdict === 'unsatisfied')
  if (ticket.flags.rework_cycle > 0 && verdict !== undefined && ticket.status === 'investigating') {
    return { kind: 'notContent', round: ticket.flags.rework_cycle + 1, reason: verdict.reason }
  }
  return null
}

export function whyOf(shown: WholeTicket): Why | null {
  const { ticket, history } = shown
  const supervision = ticket.supervisions.findLast((each) => each.answered_at === null && each.cleared_at === null)
  if (supervision !== undefined) return { kind: 'supervised', due: dueOf(ticket, 'supervision_reply'), by: supervision.by, text: supervision.text ?? '' }
  const urgeDue = dueOf(ticket, 'urge_reply')
  if (urgeDue !== null) return { kind: 'urged', count: ticket.flags.urge_count, due: urgeDue }
  const hold = ticket.holds.findLast((each) => each.state === 'granted' && each.ended_at === null)
  if (hold !== undefined) return { kind: 'held', reason: hold.reason, until: hold.until, text: hold.text ?? '' }
  const asked = last(history, 'ticket.return_requested')
  if (ticket.flags.return_requested && asked !== undefined) return { kind: 'returnAsked', event: asked }
  const setback = setbackIn(shown)
  if (setback !== null) return setback
  const promise = ticket.promises.findLast((each) => each.fulfilled_at === null && each.released_at === null && each.solution_id !== null)
  return promise === undefined ? null : { kind: 'promised', due: promise.due_at }
}

/** Came back to the department: not content, reply or solution sent back, or its own return refused. */
export function cameBack(shown: WholeTicket): boolean {
  const kind = shown.ticket.status === 'investigating' ? setbackIn(shown)?.kind : undefined
  return kind !== undefined
}

export type Tone = 'warn' | 'over' | 'paused' | 'brand'

const tones: Record<Why['kind'], Tone> = {
  supervised: 'over', urged: 'over', held: 'paused', returnAsked: 'paused', notContent: 'warn', replyRejected: 'warn', solutionRejected: 'warn',
  returnRefused: 'warn', returned: 'warn', ruled: 'warn', promised: 'brand',
}

export function toneOfWhy(why: Why): Tone {
  return tones[why.kind]
}
