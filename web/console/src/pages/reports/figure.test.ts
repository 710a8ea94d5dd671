import { describe, expect, it } from 'vitest'
import { changeOf, isFew, showValue } from './figure'

const minutes = (seconds: number) => `${Math.floor(seconds / 60)} m`

describe('figures', () => {
  it('shows each unit as it is read', () => {
    expect(showValue(0.9371, 'ratio', minutes)).toEqual({ text: '93.7', unit: '%' })
    expect(showValue(4.256, 'score', minutes).text).toBe('4.26')
    expect(showValue(1_284_000, 'count', minutes).text).toBe('1,284,000')
    expect(showValue(120, 'seconds', minutes).text).toBe('2 m')
  })
  it('shows nothing counted as a dash, never as zero', () => {
    expect(showValue(null, 'ratio', minutes)).toEqual({ text: '–', unit: '' })
    expect(changeOf(0.5, null, 'ratio', true, minutes)).toBeNull()
  })
  it('says whether a change is good', () => {
    expect(changeOf(0.118, 0.109, 'ratio', false, minutes)).toEqual({ text: '0.9', direction: 'up', good: false })
    expect(changeOf(0.93, 0.9, 'ratio', true, minutes)).toMatchObject({ direction: 'up', good: true })
    expect(changeOf(0.90001, 0.9, 'ratio', true, minutes)).toMatchObject({ direction: 'same', good: null })
  })
  it('greys rates of few cases, not counts', () => {
    expect(isFew({ value: 1, part: 3, whole: 3, count: 3 }, 'ratio')).toBe(true)
    expect(isFew({ value: 3, part: 3, whole: 0, count: 3 }, 'count')).toBe(false)
    expect(isFew({ value: null, part: 0, whole: 0, count: 0 }, 'ratio')).toBe(false)
  })
})
