import { specialDays } from './month'
import type { components } from '@/api/schema'

export type CalendarYear = components['schemas']['CalendarYear']
export type Mark = 'off' | 'work'
export type Marks = Record<string, Mark>

const dayMs = 86_400_000
const keyOf = (at: number) => new Date(at).toISOString().slice(0, 10)

export const marksOf = (year: Pick<CalendarYear, 'year' | 'off' | 'work'>): Marks => Object.fromEntries(specialDays([year]))

/** The days of a mark as a list has them: `02-15/02-23`, `02-14`. */
export function rangesOf(marks: Marks, wanted: Mark): string[] {
  const days = Object.keys(marks).filter((date) => marks[date] === wanted).sort()
  const ranges: [string, string][] = []
  for (const date of days) {
    const last = ranges.at(-1)
    if (last !== undefined && keyOf(Date.parse(last[1]) + dayMs) === date) last[1] = date
    else ranges.push([date, date])
  }
  return ranges.map(([first, last]) => (first === last ? first.slice(5) : `${first.slice(5)}/${last.slice(5)}`))
}

export const isWeekend = (date: string) => [0, 6].includes(new Date(date).getUTCDay())

/** What a day becomes when it is chosen: a workday is free or not; a day of the weekend makes up, is a holiday, or neither. */
export function nextMark(date: string, mark: Mark | undefined): Mark | undefined {
  if (!isWeekend(date)) return mark === 'off' ? undefined : 'off'
  return mark === undefined ? 'work' : mark === 'work' ? 'off' : undefined
}

export function withMark(marks: Marks, dates: readonly string[], mark: Mark | undefined): Marks {
  const next = { ...marks }
  for (const date of dates) {
    if (mark === undefined) delete next[date]
    else next[date] = mark
  }
  return next
}

/** All days from one to the other, whichever comes first. */
export function daysFromTo(a: string, b: string): string[] {
  const [first, last] = [a, b].sort().map((date) => Date.parse(date)) as [number, number]
  return Array.from({ length: (last - first) / dayMs + 1 }, (_, at) => keyOf(first + at * dayMs))
}

/** `09:00-12:00, 13:00-18:00` as a pack has it; nothing: closed, which takes the day away. */
export function hoursOf(text: string): string[] | null {
  const parts = text.split(/[,，、\s]+/).filter((each) => each !== '')
  return parts.length === 0 ? null : parts
}
