import { describe, expect, it } from 'vitest'
import type { FigureRow } from '../reports/figure'
import type { LiveBoard } from './summary'
import { byColumn, crossingsBetween, hourly, rank, statusesIn } from './summary'

function board(queues: LiveBoard['queues']): LiveBoard {
  return { at: '2026-02-26T06:32:00Z', tz: 'Asia/Shanghai', open: 0, overdue: 0, due_soon: 0, queues, triage: { classification: 0, judgement: 0, dispatch: 0 }, alarms: [], ageing: {}, intake: [], intake_before: [], today: [], ranking: { metrics: [], rows: [] } }
}

const queue = (status: LiveBoard['queues'][number]['status'], department_id: string | null, tickets: number, overdue: number) => ({ status, department_id, tickets, overdue, due_soon: 0 })

function row(key: string, parent: string | null, value: number | null, count: number, before: number | null = null): FigureRow {
  return { key, code: key, name: null, parent, now: { value, part: 0, whole: count, count }, before: { value: before, part: 0, whole: 0, count: 0 } }
}

describe('board', () => {
  it('gathers statuses into the columns people know', () => {
    const counts = byColumn([queue('executing', 'a', 2, 1), queue('promised', 'b', 3, 0), queue('on_hold', 'a', 1, 0)])
    expect(counts.find((each) => each.column === 'carryOut')).toEqual({ column: 'carryOut', tickets: 5, overdue: 1 })
    expect(counts.find((each) => each.column === 'held')?.tickets).toBe(1)
    expect(statusesIn('judge')).toEqual(['triage', 'invalid_pending_reply'])
  })
  it('adds contacts up by hour, the busiest channel first', () => {
    const { channels, counts, total } = hourly([{ channel: 'web', hour: 9, contacts: 1 }, { channel: 'phone', hour: 9, contacts: 5 }])
    expect(channels).toEqual(['phone', 'web'])
    expect(counts.get('phone')?.[9]).toBe(5)
    expect(total).toBe(6)
  })
  it('tells a crossing once, and none where less is overdue', () => {
    const before = board([queue('dispatched', 'a', 5, 3), queue('investigating', 'b', 2, 1)])
    const after = board([queue('dispatched', 'a', 5, 4), queue('investigating', 'b', 2, 0)])
    expect(crossingsBetween(before, after)).toEqual([{ at: after.at, column: 'accept', department: 'a', overdue: 4 }])
    expect(crossingsBetween(after, after)).toEqual([])
  })
  it('ranks those who did work, not those who add it up', () => {
    const places = rank({ metric: 'three_rates', unit: 'ratio', now: row('', null, 1, 1).now, before: row('', null, 1, 1).before, rows: [
      row('house', null, 0.9, 30), row('east', 'house', 0.95, 10, 0.7), row('west', 'house', 0.7, 12, 0.9), row('main', 'house', 0.8, 8), row('idle', 'house', null, 0),
    ] }, (each) => each.now.count)
    expect(places.map((each) => each.row.key)).toEqual(['east', 'main', 'west'])
    expect(places[0]).toMatchObject({ place: 1, moved: 1, last: false })
    expect(places[2]).toMatchObject({ moved: -2, last: true })
    expect(places[1]?.moved).toBeNull()
  })
})
