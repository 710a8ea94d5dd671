import { expect, test } from 'vitest'
import { monthsOf, specialDays } from './month'
import type { ForeseenClock } from './rules'

const cn2026 = { year: 2026, off: ['02-15/02-23'], work: ['02-14', '02-28'] }

test('ranges of days off are every day in them', () => {
  const days = specialDays([cn2026])
  expect(days.get('2026-02-15')).toBe('off')
  expect(days.get('2026-02-23')).toBe('off')
  expect(days.get('2026-02-24')).toBeUndefined()
  expect(days.get('2026-02-28')).toBe('work')
})

test('a month shows start, counted days in their order, and the due day', () => {
  const segment = (day: string, counted_days: number) => ({ from: `2026-02-${day}T00:00:00+08:00`, to: `2026-02-${day}T23:59:59+08:00`, counted_s: 0, counted_days, why: '' })
  const clock = {
    starts_at: '2026-02-13T17:00:00+08:00', due_at: '2026-02-24T23:59:59+08:00', segments: [segment('13', 0), segment('14', 1), segment('15', 0), segment('24', 1)],
  } as unknown as ForeseenClock
  const [february, ...rest] = monthsOf(clock, specialDays([cn2026]), 'Asia/Shanghai')
  expect(rest).toEqual([])
  const of = (day: number) => february?.days[day - 1]
  expect(of(13)).toMatchObject({ isStart: true, counted: 0 })
  expect(of(14)).toMatchObject({ counted: 1, special: 'work', isClosed: false })
  expect(of(15)).toMatchObject({ counted: 0, special: 'off', isClosed: true })
  expect(of(24)).toMatchObject({ counted: 2, isDue: true })
  expect(february?.days).toHaveLength(28)
})

test('a clock over the turn of the month shows both', () => {
  const clock = { starts_at: '2025-12-31T17:00:00+08:00', due_at: '2026-01-02T00:00:00+08:00', segments: [] } as unknown as ForeseenClock
  expect(monthsOf(clock, new Map(), 'Asia/Shanghai').map(({ year, month }) => [year, month])).toEqual([[2025, 12], [2026, 1]])
})
