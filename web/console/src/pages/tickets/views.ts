import type { TicketFilter, TicketRow, TicketStatus, TicketView } from '@/api/types'
import type { MessageKey } from '@/i18n'
import type { StageName } from '@/composables/words'

export interface View {
  /** The server's view, whose count it keeps; `closed` is only a filter. */
  id: TicketView | 'closed'
  label: MessageKey
  note: MessageKey
  group: 'mine' | 'department'
  tone?: 'warn' | 'over'
}

export const closedStatuses: TicketStatus[] = ['closed', 'archived', 'withdrawn', 'merged']

const of = (id: View['id'], group: View['group'], tone?: View['tone']): View => ({ id, group, tone, label: `tickets.view.${id}`, note: `tickets.note.${id}` })

export const views: View[] = [
  of('mine', 'mine'), of('to_approve', 'mine'), of('due_today', 'mine'), of('breaching', 'mine', 'warn'), of('promise_due', 'mine'), of('to_judge', 'mine'), of('to_review', 'mine'),
  of('all_open', 'department'), of('department', 'department'), of('to_sign', 'department'), of('overdue', 'department', 'over'), of('returned', 'department'),
  of('round_2', 'department'), of('supervised', 'department'), of('on_hold', 'department'), of('callback', 'department'), of('closed', 'department'),
]

/** The stages that a filter can ask for; a judged ticket without a department has the status of one being judged. */
export const statusesOf: Partial<Record<StageName, TicketStatus[]>> = {
  intake: ['new'],
  judge: ['triage', 'invalid_pending_reply'],
  accept: ['dispatched'],
  work: ['investigating', 'on_hold'],
  approve: ['pending_approval'],
  carryOut: ['executing', 'promised'],
  review: ['reply_review'],
  callBack: ['callback_pending'],
  closed: closedStatuses,
}

export function queryOf(view: View['id']): TicketFilter {
  return view === 'closed' ? { status: closedStatuses, sort: 'updated' } : { view, sort: 'due' }
}

export type Lateness = 'over' | 'soon' | 'today' | 'later' | 'none'

/** The head under which a row stands, by its nearest clock. */
export function latenessOf(row: Pick<TicketRow, 'nearest_clock'>, now: number, endOfToday: number): Lateness {
  if (row.nearest_clock === null) return 'none'
  const due = Date.parse(row.nearest_clock.due_at)
  if (due < now) return 'over'
  if (due < now + 7_200_000) return 'soon'
  return due <= endOfToday ? 'today' : 'later'
}
