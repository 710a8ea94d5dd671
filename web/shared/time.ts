// Times as people read them. Pure: the words, the zone and the moment are arguments.

export interface DurationWords {
  daysHoursMinutes(d: number, h: number, m: number): string
  daysHours(d: number, h: number): string
  hoursMinutes(h: number, m: number): string
  minutes(m: number): string
}

const minute = 60
const hour = 60 * minute
const day = 24 * hour

/** Below this the seconds tick. */
export const ticksBelow = 2 * hour

const two = (n: number) => String(n).padStart(2, '0')

export function formatDuration(seconds: number, words: DurationWords, brief = false): string {
  const whole = Math.max(0, Math.floor(seconds))
  const d = Math.floor(whole / day)
  const h = Math.floor((whole % day) / hour)
  const m = Math.floor((whole % hour) / minute)
  if (d > 0) return brief ? words.daysHours(d, h) : words.daysHoursMinutes(d, h, m)
  if (h > 0) return words.hoursMinutes(h, m)
  return words.minutes(m)
}

/** What is left of a running clock, or by how much it is over (`seconds` below zero). */
export function formatLeft(seconds: number, words: DurationWords, brief = false): string {
  if (seconds >= 0 && seconds < ticksBelow) {
    const whole = Math.floor(seconds)
    return `${Math.floor(whole / hour)}:${two(Math.floor(whole / minute) % 60)}:${two(whole % 60)}`
  }
  return formatDuration(Math.abs(seconds), words, brief)
}

export interface WallTime {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  /** 0 is Sunday. */
  weekday: number
}

const zones = new Map<string, Intl.DateTimeFormat>()

function inZone(zone: string): Intl.DateTimeFormat {
  let format = zones.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    zones.set(zone, format)
  }
  return format
}

export function wallTime(at: number, zone: string): WallTime {
  const part: Record<string, number> = {}
  for (const { type, value } of inZone(zone).formatToParts(at)) part[type] = Number(value)
  const { year = 0, month = 0, day: date = 0, hour: h = 0, minute: m = 0, second = 0 } = part
  return { year, month, day: date, hour: h, minute: m, second, weekday: new Date(Date.UTC(year, month - 1, date)).getUTCDay() }
}

/** Days between two moments as the calendar on the wall counts them. */
export function daysBetween(from: number, to: number, zone: string): number {
  const a = wallTime(from, zone)
  const b = wallTime(to, zone)
  return (Date.UTC(b.year, b.month - 1, b.day) - Date.UTC(a.year, a.month - 1, a.day)) / 86_400_000
}

export const formatClock = (t: WallTime) => `${two(t.hour)}:${two(t.minute)}`
export const formatClockSeconds = (t: WallTime) => `${two(t.hour)}:${two(t.minute)}:${two(t.second)}`
export const formatMonthDay = (t: WallTime) => `${two(t.month)}-${two(t.day)}`
export const formatDate = (t: WallTime) => `${t.year}-${two(t.month)}-${two(t.day)}`

/** `15:51` of today, `02-27 23:59`, `2025-02-27 23:59`; `today` puts its word before the first. */
export function formatMoment(at: number, now: number, zone: string, today: (time: string) => string = (t) => t): string {
  const then = wallTime(at, zone)
  const present = wallTime(now, zone)
  const time = formatClock(then)
  if (then.year !== present.year) return `${formatDate(then)} ${time}`
  if (then.month !== present.month || then.day !== present.day) return `${formatMonthDay(then)} ${time}`
  return today(time)
}

/** The last moment of the day that `now` is in, on the wall of a zone. */
export function endOfDay(now: number, zone: string): number {
  const t = wallTime(now, zone)
  let end = now + (day - (t.hour * hour + t.minute * minute + t.second)) * 1_000
  end -= end % 1_000
  // The clocks may have been moved in between.
  const drift = wallTime(end, zone)
  if (drift.hour >= 12) end += (day - drift.hour * hour - drift.minute * minute) * 1_000
  else end -= (drift.hour * hour + drift.minute * minute) * 1_000
  return end - 1
}
