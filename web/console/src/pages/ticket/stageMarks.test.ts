import { expect, it } from 'vitest'
import type { HistoryItem, Ticket } from '@/api/types'
import { stageMarks } from './stageMarks'

const event = (kind: string, at: string, from: Ticket['status'] | null = null, to: Ticket['status'] | null = null): HistoryItem => ({
  id: at, kind: `ticket.${kind}`, at, actor_kind: 'user', actor: kind, version: 1, from, to, reason: null,
})
const ticket = (status: Ticket['status']) => ({ status, validity: 'valid', department_id: 'd' }) as Ticket

const firstRound = [
  event('created', '01'), event('classified', '02'), event('dispatched', '03'), event('accepted', '04'), event('solution_proposed', '05'), event('solution_approved', '06'),
  event('completed', '07'), event('reply_passed', '08'),
]

it('marks what was passed, what is now and what is to come', () => {
  const marks = stageMarks(ticket('pending_approval'), firstRound.slice(0, 5))
  expect(marks.map((mark) => mark.state)).toEqual(['done', 'done', 'done', 'done', 'done', 'now', 'next', 'next', 'next', 'next'])
  expect(marks[4]?.visits).toEqual([{ round: 1, at: '05', actor: 'solution_proposed', kind: 'solution_proposed' }])
})

it('keeps the first round’s times where the second goes through the loop again', () => {
  const marks = stageMarks(ticket('pending_approval'), [...firstRound, event('rework_started', '09', 'callback_pending'), event('solution_proposed', '10')])
  expect(marks[4]?.visits.map((visit) => [visit.round, visit.at])).toEqual([[1, '05'], [2, '10']])
  expect(marks.slice(5).map((mark) => mark.state)).toEqual(['now', 'again', 'again', 'again', 'next'])
})

it('shows as skipped what a complaint solved at the desk never went through', () => {
  const marks = stageMarks(ticket('closed'), [event('created', '01'), event('resolved_direct', '02', 'new', 'closed')])
  expect(marks.map((mark) => mark.state)).toEqual(['done', ...Array<string>(8).fill('skipped'), 'now'])
})

it('keeps a ticket on hold in the stage that the hold stopped', () => {
  const marks = stageMarks(ticket('on_hold'), [...firstRound.slice(0, 6), event('held', '07', 'executing', 'on_hold')])
  expect(marks[6]?.state).toBe('now')
})
