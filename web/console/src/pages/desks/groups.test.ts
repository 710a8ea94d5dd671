import { expect, it } from 'vitest'
import { withoutRepeats } from './groups'
import type { TicketRow } from './tickets'

it('shows a ticket once, where it matters most', () => {
  const row = (id: string) => ({ id }) as TicketRow
  const group = (id: string, ...ids: string[]) => ({ id, title: 'officer.group.judge' as const, acts: [], rows: ids.map(row) })
  expect(withoutRepeats([group('a', '1', '2'), group('b', '2', '3')]).map((each) => each.rows.map(({ id }) => id))).toEqual([['1', '2'], ['3']])
})
