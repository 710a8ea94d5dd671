import { describe, expect, it } from 'vitest'
import { daysIn, isDay, isPeriod, periodOf, presetOf, shiftDay } from './period'

describe('periods', () => {
  it('ends with today', () => {
    expect(periodOf('last7', '2026-03-02')).toEqual({ from: '2026-02-24', to: '2026-03-02' })
    expect(daysIn(periodOf('last30', '2026-03-02'))).toBe(30)
  })
  it('takes the whole month before, over a year as well', () => {
    expect(periodOf('lastMonth', '2026-01-15')).toEqual({ from: '2025-12-01', to: '2025-12-31' })
    expect(periodOf('lastMonth', '2024-03-31')).toEqual({ from: '2024-02-01', to: '2024-02-29' })
  })
  it('finds its own name again', () => {
    expect(presetOf(periodOf('thisMonth', '2026-03-20'), '2026-03-20')).toBe('thisMonth')
    expect(presetOf({ from: '2026-03-03', to: '2026-03-04' }, '2026-03-20')).toBeNull()
  })
  it('refuses what is no day or runs backwards or too long', () => {
    expect(isDay('2026-02-30')).toBe(false)
    expect(isPeriod({ from: '2026-03-02', to: '2026-03-01' })).toBe(false)
    expect(isPeriod({ from: '2020-01-01', to: '2026-01-01' })).toBe(false)
    expect(isPeriod({ from: '2026-03-01', to: '2026-03-01' })).toBe(true)
  })
  it('shifts over a change of clocks without losing a day', () => {
    expect(shiftDay('2026-03-29', 1)).toBe('2026-03-30')
  })
})
