import type { components } from '@/api/schema'
import { formatDate, wallTime } from '@shared/time'
import type { ForeseenClock } from './rules'

type CalendarYear = components['schemas']['CalendarYear']

/** A day that a clock goes over: its mark is what the server says of it. */
export interface Day {
  date: string
  day: number
  /** 0 is Sunday. */
  weekday: number
  /** The how-manieth day that counts; 0 for one that does not. */
  counted: number
  isStart: boolean
  isDue: boolean
  special: 'off' | 'work' | null
  isClosed: boolean
}

const dayMs = 86_400_000
const keyOf = (at: number) => new Date(at).toISOString().slice(0, 10)

/** Days off and make-up days of a year's list, from `02-15/02-23` and `02-14`, as dates. */
export function specialDays(years: readonly Pick<CalendarYear, 'year' | 'off' | 'work'>[]): Map<string, 'off' | 'work'> {
  const days = new Map<string, 'off' | 'work'>()
  for (const { year, off, work } of years)
    for (const [list, mark] of [[off, 'off'], [work, 'work']] as const)
      for (const range of list) {
        const [first = '', last = first] = range.split('/')
        for (let at = Date.parse(`${year}-${first}`); at <= Date.parse(`${year}-${last}`); at += dayMs) days.set(keyOf(at), mark)
      }
  return days
}

export interface Month {
  year: number
  month: number
  days: Day[]
}

const most = 2

/** The months from the start of a clock to its end, at most two, as its calendar's wall has them. */
export function monthsOf(clock: ForeseenClock, special: Map<string, 'off' | 'work'>, zone: string): Month[] {
  const start = formatDate(wallTime(Date.parse(clock.starts_at), zone))
  const due = formatDate(wallTime(Date.parse(clock.due_at), zone))
  const counted = new Map<string, number>()
  for (const segment of clock.segments ?? []) if (segment.counted_days > 0) counted.set(formatDate(wallTime(Date.parse(segment.from), zone)), counted.size + 1)
  const months: Month[] = []
  let [year = 0, month = 0] = start.split('-').map(Number)
  while (months.length < most && `${year}-${String(month).padStart(2, '0')}` <= due.slice(0, 7)) {
    const days: Day[] = []
    for (let at = Date.UTC(year, month - 1, 1); new Date(at).getUTCMonth() === month - 1; at += dayMs) {
      const date = keyOf(at)
      const weekday = new Date(at).getUTCDay()
      const mark = special.get(date) ?? null
      days.push({
        date, day: new Date(at).getUTCDate(), weekday, counted: counted.get(date) ?? 0, isStart: date === start, isDue: date === due, special: mark,
        isClosed: mark === 'off' || (mark === null && (weekday === 0 || weekday === 6)),
      })
    }
    months.push({ year, month, days })
    ;[year, month] = month === 12 ? [year + 1, 1] : [year, month + 1]
  }
  return months
}
