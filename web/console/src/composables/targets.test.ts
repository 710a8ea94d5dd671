import { expect, test } from 'vitest'
import { readTarget, writeTarget } from './targets'

test('a target is read and written as a pack has it', () => {
  for (const says of ['3wd office', '1.5bh office', '30m', '12:00>0@18:00,24:00>1@12:00 station']) expect(writeTarget(readTarget(says))).toBe(says)
  expect(readTarget('90bm office')).toEqual({ amount: '90', unit: 'bm', calendar: 'office' })
  expect(readTarget('12:00>0@18:00 station').unit).toBe('cutoffs')
  expect(readTarget('h office')).toEqual({ amount: '', unit: 'h', calendar: 'office' })
})
