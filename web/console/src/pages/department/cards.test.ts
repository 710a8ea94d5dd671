import { describe, expect, it } from 'vitest'
import type { Ticket } from '@/api/types'
import type { DeskTicket } from '@/pages/desks/tickets'
import { actsOf, lanesOf, waitingFor } from './cards'

const empty = { supervisions: [], deadlines: [], holds: [], approvals: [], solutions: [], callbacks: [], promises: [], work_orders: [], contacts: [] }
const flags = { rework_cycle: 0, urge_count: 0, return_requested: false, no_return: false } as Ticket['flags']

function card(ticket: Partial<Ticket>): DeskTicket {
  return { ticket: { department_id: 'east', flags, ...empty, ...ticket } as Ticket, row: {} as DeskTicket['row'], history: [] }
}

const rejected = card({ status: 'investigating', approvals: [{ solution_id: 's', approved: false }] as Ticket['approvals'], solutions: [{ id: 's' }] as Ticket['solutions'] })
const other = card({ status: 'investigating', department_id: 'west', work_orders: [{ kind: 'co_handler', department_id: 'east', ended_at: null }] as Ticket['work_orders'] })

describe('lanes of a department', () => {
  it('puts each ticket where something is to be done with it', () => {
    const all = [card({ status: 'dispatched' }), card({ status: 'executing' }), rejected, other, card({ status: 'reply_review' })]
    expect(lanesOf(all, 'east', null).map((lane) => [lane.id, lane.cards.length])).toEqual([['toAccept', 1], ['atWork', 2], ['back', 1]])
    expect(waitingFor(all, 'east')).toEqual({ approval: 0, coHandlers: 0, review: 1, callback: 0 })
  })

  it('shows one person his own and what nobody has taken yet', () => {
    const all = [card({ status: 'dispatched' }), card({ status: 'executing', handler_id: 'me' }), card({ status: 'executing', handler_id: 'she' })]
    expect(lanesOf(all, 'east', 'me').map((lane) => lane.cards.length)).toEqual([1, 1, 0])
  })
})

describe('acts on a card', () => {
  it('answers an urge before anything else', () => {
    expect(actsOf(card({ status: 'executing', deadlines: [{ kind: 'urge_reply', state: 'running' }] as Ticket['deadlines'] }), 'east', true)).toEqual(['urge-answers'])
  })

  it('can be accepted while an urge waits for its answer', () => {
    expect(actsOf(card({ status: 'dispatched', deadlines: [{ kind: 'urge_reply', state: 'running' }] as Ticket['deadlines'] }), 'east', true)).toEqual(['urge-answers', 'acceptance'])
  })

  it('offers no return where none is allowed', () => {
    expect(actsOf(card({ status: 'dispatched' }), 'east', true)).toEqual(['returns', 'acceptance'])
    expect(actsOf(card({ status: 'dispatched', flags: { ...flags, no_return: true } }), 'east', true)).toEqual(['acceptance'])
  })

  it('leaves a leader what is the handler\'s', () => {
    expect(actsOf(card({ status: 'executing' }), 'east', false)).toEqual([])
  })

  it('reports only the own part of what another department leads', () => {
    expect(actsOf(other, 'east', true)).toEqual(['co-handler-results'])
  })
})
