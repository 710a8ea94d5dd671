import { expect, it } from 'vitest'
import type { Ticket } from '@/api/types'
import { changesBetween } from './changes'

const ticket = (changed: object) =>
  ({
    version: 3, status: 'investigating', type: 'complaint', priority: 'P2', category: 'missed_copy', department_id: 'd1', handler_id: 'u1', problem: 'no paper',
    desired_solution: null, solutions: [], reply: null, flags: { rework_cycle: 0, urge_count: 0 }, ...changed,
  }) as unknown as Ticket

it('says what is different, from what to what', () => {
  expect(changesBetween(ticket({}), ticket({ status: 'on_hold', handler_id: null }))).toEqual([
    { fact: 'status', before: 'investigating', now: 'on_hold' },
    { fact: 'handler', before: 'u1', now: '' },
  ])
})

it('shows the words of a new solution', () => {
  expect(changesBetween(ticket({}), ticket({ solutions: [{ text: 'bring it' }] }))).toEqual([{ fact: 'solution', before: '', now: 'bring it' }])
})

it('takes an urge or a passed warning for no change of what is decided', () => {
  expect(changesBetween(ticket({}), ticket({ version: 5, flags: { rework_cycle: 0, urge_count: 2, card: 'yellow' } }))).toEqual([])
})
