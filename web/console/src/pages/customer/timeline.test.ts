import { describe, expect, it } from 'vitest'
import { byDay, mattersOf, phraseToErase } from './timeline'
import type { TicketRow } from '@/pages/desks/tickets'

describe('a customer', () => {
  it('has his open matters apart from what is done', () => {
    const rows = ['closed', 'triage', 'archived'].map((status) => ({ status }) as TicketRow)
    expect(mattersOf(rows)).toMatchObject({ open: [{ status: 'triage' }], done: [{ status: 'closed' }, { status: 'archived' }] })
  })

  it('has one timeline by days', () => {
    const items = ['2026-02-26T10:00:00Z', '2026-02-26T09:00:00Z', '2026-02-24T09:00:00Z'].map((at) => ({ at }))
    expect(byDay(items, (at) => at.slice(0, 10)).map((each) => [each.day, each.items.length])).toEqual([['2026-02-26', 2], ['2026-02-24', 1]])
  })

  it('is erased only by who types his number', () => {
    expect(phraseToErase({ id: 'abcdef', identities: [{ kind: 'phone', value: '+86 138 1234 5678' }] })).toBe('5678')
    expect(phraseToErase({ id: 'abcdef', identities: [{ kind: 'email', value: 'a@b.c' }] })).toBe('abcd')
  })
})
