import { expect, it } from 'vitest'
import type { TicketRow } from '@/api/types'
import { csvCell } from './bulk'
import { latenessOf } from './views'

const now = Date.parse('2026-02-26T14:32:00+08:00')
const midnight = Date.parse('2026-02-26T23:59:59.999+08:00')
const due = (at: string | null) => ({ nearest_clock: at === null ? null : { kind: 'accept', due_at: at, warn_at: null, card: 'ok' } }) as Pick<TicketRow, 'nearest_clock'>

it.each([
  ['2026-02-26T12:18:00+08:00', 'over'],
  ['2026-02-26T15:51:00+08:00', 'soon'],
  ['2026-02-26T20:44:00+08:00', 'today'],
  ['2026-02-27T00:00:00+08:00', 'later'],
  [null, 'none'],
])('due %s stands under %s', (at, lateness) => expect(latenessOf(due(at), now, midnight)).toBe(lateness))

it.each([['plain', 'plain'], ['a,b', '"a,b"'], ['say "x"', '"say ""x"""'], ['=1+1', "'=1+1"], ['@x', "'@x"]])('exports %s as %s', (cell, safe) => expect(csvCell(cell)).toBe(safe))
