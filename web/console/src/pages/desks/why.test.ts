import { describe, expect, it } from 'vitest'
import type { HistoryItem, Ticket } from '@/api/types'
import { cameBack, whyOf } from './why'
import type { WholeTicket } from './tickets'

const flags = { rework_cycle: 0, urge_count: 0, return_requested: false } as Ticket['flags']
const event = (kind: string) => ({ kind: `ticket.${kind}`, reason: 'r', at: '2026-02-26T06:00:00Z' }) as HistoryItem

function shown(ticket: Partial<Ticket>, ...kinds: string[]): WholeTicket {
  const nothing = { supervisions: [], deadlines: [], holds: [], approvals: [], solutions: [], callbacks: [], promises: [] }
  return { ticket: { status: 'investigating', flags, ...nothing, ...ticket } as Ticket, history: kinds.map(event) }
}

describe('why a ticket is where it is', () => {
  it('says nothing of one that goes its way', () => {
    expect(whyOf(shown({}))).toBeNull()
    expect(cameBack(shown({}))).toBe(false)
  })

  it('tells a reply that was sent back until work went on', () => {
    expect(whyOf(shown({}, 'completed', 'reply_rejected'))?.kind).toBe('replyRejected')
    expect(cameBack(shown({}, 'completed', 'reply_rejected'))).toBe(true)
    expect(whyOf(shown({}, 'reply_rejected', 'solution_proposed'))).toBeNull()
  })

  it('tells a customer who was not content, with the round that follows', () => {
    const callbacks = [{ verdict: 'unsatisfied', reason: 'not_solved' }] as Ticket['callbacks']
    expect(whyOf(shown({ callbacks, flags: { ...flags, rework_cycle: 1 } }))).toMatchObject({ kind: 'notContent', round: 2 })
  })

  it('puts an unanswered urge before all else but supervision', () => {
    const deadlines = [{ kind: 'urge_reply', state: 'running', due_at: 'x' }] as Ticket['deadlines']
    expect(whyOf(shown({ deadlines }, 'reply_rejected'))?.kind).toBe('urged')
    const supervisions = [{ answered_at: null, cleared_at: null, text: 'now' }] as Ticket['supervisions']
    expect(whyOf(shown({ deadlines, supervisions }))?.kind).toBe('supervised')
  })
})
