import { describe, expect, it } from 'vitest'
import { daysBetween, endOfDay, formatDuration, formatLeft, formatMoment, wallTime } from './time'
import type { DurationWords } from './time'

const words: DurationWords = {
  daysHoursMinutes: (d, h, m) => `${d} 天 ${h} 时 ${m} 分`,
  daysHours: (d, h) => `${d} 天 ${h} 时`,
  hoursMinutes: (h, m) => `${h} 时 ${m} 分`,
  minutes: (m) => `${m} 分`,
}
const zone = 'Asia/Shanghai'
const now = Date.parse('2026-02-26T14:32:00+08:00')

describe('what is left', () => {
  it.each([
    [4744, false, '1:19:04'],
    [7199.9, false, '1:59:59'],
    [7200, false, '2 时 0 分'],
    [12_420, false, '3 时 27 分'],
    [120_480, false, '1 天 9 时 28 分'],
    [120_480, true, '1 天 9 时'],
    [-8040, false, '2 时 14 分'],
    [-41 * 60, true, '41 分'],
    [0, false, '0:00:00'],
  ])('%d s', (seconds, brief, text) => expect(formatLeft(seconds, words, brief)).toBe(text))

  it('never counts below zero as a duration', () => expect(formatDuration(-5, words)).toBe('0 分'))
})

describe('a moment', () => {
  const today = (time: string) => `今天 ${time}`
  it.each([
    ['2026-02-26T15:51:00+08:00', '今天 15:51'],
    ['2026-02-27T23:59:00+08:00', '02-27 23:59'],
    ['2025-12-03T08:05:00+08:00', '2025-12-03 08:05'],
  ])('%s', (at, text) => expect(formatMoment(Date.parse(at), now, zone, today)).toBe(text))

  it('is of the day in the reader’s zone', () => {
    expect(formatMoment(Date.parse('2026-02-26T15:51:00+08:00'), now, 'America/New_York', today)).toBe('今天 02:51')
    expect(wallTime(now, 'UTC')).toMatchObject({ month: 2, day: 26, hour: 6, minute: 32, weekday: 4 })
    expect(daysBetween(Date.parse('2026-02-25T23:59:00+08:00'), now, zone)).toBe(1)
  })
})

describe('the end of the day', () => {
  it('is the last millisecond of it', () => expect(new Date(endOfDay(now, zone)).toISOString()).toBe('2026-02-26T15:59:59.999Z'))
  it.each(['2026-03-08T05:30:00Z', '2026-11-01T04:30:00Z'])('holds where the clocks are moved: %s', (at) => {
    const end = wallTime(endOfDay(Date.parse(at), 'America/New_York'), 'America/New_York')
    expect([end.hour, end.minute, end.second]).toEqual([23, 59, 59])
    expect(daysBetween(Date.parse(at), endOfDay(Date.parse(at), 'America/New_York'), 'America/New_York')).toBe(0)
  })
})
