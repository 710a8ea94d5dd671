import type { HistoryItem, Ticket } from '@/api/types'
import { stageOf, stages } from '@/composables/words'
import type { StageName } from '@/composables/words'

export interface StageVisit {
  round: number
  at: string
  actor: string | null
  kind: string
}

export interface StageMark {
  stage: StageName
  state: 'done' | 'now' | 'again' | 'next' | 'skipped'
  visits: StageVisit[]
}

// What shows that a stage was passed.
const passedBy: Record<string, StageName> = {
  created: 'intake', imported: 'intake', judged_invalid: 'judge', replied_invalid: 'judge', dispatched: 'dispatch', fallback_dispatched: 'dispatch', arbitrated: 'dispatch',
  transferred: 'dispatch', accepted: 'accept', solution_proposed: 'work', solution_approved: 'approve', promise_approved: 'approve', completed: 'carryOut',
  reply_passed: 'review', rework_started: 'callBack', closed: 'closed', resolved_direct: 'closed',
}

/** The status that a hold stopped. */
export function heldFrom(ticket: Ticket, history: HistoryItem[]): Ticket['status'] | null {
  return ticket.status === 'on_hold' ? (history.findLast((event) => event.to === 'on_hold')?.from ?? null) : null
}

/** When and by whom each stage was passed, once per round; a judgement of validity shows by the dispatch. */
export function stageMarks(ticket: Ticket, history: HistoryItem[]): StageMark[] {
  const now = stages.indexOf(stageOf({ ...ticket, heldFrom: heldFrom(ticket, history) }))
  const visits = new Map<StageName, StageVisit[]>()
  let round = 1
  for (const event of history) {
    const name = event.kind.replace('ticket.', '')
    const passed: StageName[] = []
    if (name === 'dispatched') passed.push('judge')
    const stage = passedBy[name]
    if (stage !== undefined) passed.push(stage)
    if (name === 'closed' && event.from === 'callback_pending') passed.unshift('callBack')
    for (const each of passed) {
      const others = (visits.get(each) ?? []).filter((visit) => visit.round !== round)
      visits.set(each, [...others, { round, at: event.at, actor: event.actor, kind: name }])
    }
    if (name === 'rework_started') round += 1
  }
  return stages.map((stage, at) => {
    const own = visits.get(stage) ?? []
    if (at === now) return { stage, state: 'now', visits: own }
    if (at < now) return { stage, state: own.length > 0 ? 'done' : 'skipped', visits: own }
    return { stage, state: own.length > 0 ? 'again' : 'next', visits: own }
  })
}
