import { expect, test } from 'vitest'
import { daysFromTo, hoursOf, marksOf, nextMark, rangesOf, withMark } from './year'

const cn2026 = { year: 2026, off: ['01-01/01-03', '02-15/02-23'], work: ['01-04', '02-14', '02-28'] }

test('a list is read and written as the same list', () => {
  const marks = marksOf(cn2026)
  expect(rangesOf(marks, 'off')).toEqual(cn2026.off)
  expect(rangesOf(marks, 'work')).toEqual(cn2026.work)
})

test('a day in the middle cuts a range', () => {
  expect(rangesOf(withMark(marksOf(cn2026), ['2026-01-02'], undefined), 'off')).toEqual(['01-01', '01-03', '02-15/02-23'])
})

test('a workday is off or not; a Saturday makes up, is a holiday, or neither', () => {
  expect([nextMark('2026-02-13', undefined), nextMark('2026-02-13', 'off')]).toEqual(['off', undefined])
  expect([nextMark('2026-02-14', undefined), nextMark('2026-02-14', 'work'), nextMark('2026-02-14', 'off')]).toEqual(['work', 'off', undefined])
})

test('a stretch is every day of it, from either end', () => {
  expect(daysFromTo('2026-03-01', '2026-02-27')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01'])
})

test('hours are written as people write them', () => {
  expect(hoursOf(' 09:00-12:00，13:00-18:00 ')).toEqual(['09:00-12:00', '13:00-18:00'])
  expect(hoursOf(' ')).toBeNull()
})
