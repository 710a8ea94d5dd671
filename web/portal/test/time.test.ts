// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest'
import { useLanguage } from '../src/i18n'
import { duration, happened, promised, promisedSoon, share } from '../src/time'

const zone = 'Asia/Shanghai'
const now = new Date('2026-02-26T14:32:00+08:00')

describe('times for customers', () => {
  beforeEach(() => useLanguage('zh-CN'))

  it('names the day of what happened, and today', () => {
    expect(happened('2026-02-24T08:12:00+08:00', now, zone)).toBe('2月24日08:12')
    expect(happened('2026-02-26T13:40:10+08:00', now, zone)).toBe('今天13:40')
    expect(happened('2025-12-31T23:59:59+08:00', now, zone)).toBe('2025年12月31日周三 23:59')
  })

  it('promises a day to its end', () => {
    expect(promised('2026-02-27T23:59:59+08:00', now, zone)).toBe('2月27日周五 24:00')
    expect(promised('2027-01-04T12:00:00+08:00', now, zone)).toBe('2027年1月4日周一 12:00')
  })

  it('says a near time shortly', () => {
    expect(promisedSoon('2026-02-26T14:42:00+08:00', now, zone)).toBe('14:42')
    expect(promisedSoon('2026-02-27T12:00:00+08:00', now, zone)).toBe('明天12:00')
    expect(promisedSoon('2026-03-02T12:00:00+08:00', now, zone)).toBe('3月2日12:00')
  })

  it('reckons days in the zone of the house', () => {
    expect(happened('2026-02-25T20:00:00Z', now, zone)).toBe('今天04:00')
  })

  it('is written for Taiwan and in English', async () => {
    await useLanguage('zh-TW')
    expect(promised('2026-02-27T23:59:59+08:00', now, zone)).toBe('2月27日週五 24:00')
    await useLanguage('en')
    expect(promised('2026-02-27T23:59:59+08:00', now, zone)).toBe('Friday 27 February, 24:00')
    expect(duration(60_000)).toBe('1 minute')
    expect(duration(2 * 3_600_000)).toBe('2 hours')
  })
})

describe('duration', () => {
  beforeEach(() => useLanguage('zh-CN'))

  it.each([
    [33 * 3_600_000 + 28 * 60_000, '1天9小时'],
    [48 * 3_600_000, '2天'],
    [3 * 3_600_000 + 27 * 60_000, '3小时27分钟'],
    [5 * 60_000 + 59_000, '5分钟'],
    [10, '1分钟'],
  ])('%d ms is %s', (milliseconds, words) => expect(duration(milliseconds)).toBe(words))
})

it('share stays between 0 and 1', () => {
  const [from, to] = ['2026-02-26T00:00:00Z', '2026-02-27T00:00:00Z']
  expect(share(from, to, new Date('2026-02-26T06:00:00Z'))).toBe(0.25)
  expect(share(from, to, new Date('2026-03-01T00:00:00Z'))).toBe(1)
  expect(share(from, to, new Date('2026-02-01T00:00:00Z'))).toBe(0)
  expect(share(to, from, new Date())).toBe(1)
})
