import { t, type MessageKey } from './i18n'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

interface WallTime {
  year: number
  month: number
  day: number
  hour: number
  minute: number
}

function wallTime(at: Date, zone: string | undefined): WallTime {
  const parts = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const read = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value)
  return { year: read('year'), month: read('month'), day: read('day'), hour: read('hour'), minute: read('minute') }
}

const two = (value: number) => String(value).padStart(2, '0')
const clock = (wall: WallTime) => `${two(wall.hour)}:${two(wall.minute)}`
const dayNumber = (wall: WallTime) => Date.UTC(wall.year, wall.month - 1, wall.day) / day

function named(key: 'time.months' | 'time.weekdays', index: number): string {
  return t(key).split(',')[index] ?? ''
}

function slots(wall: WallTime, time: string) {
  return {
    year: wall.year,
    month: named('time.months', wall.month - 1),
    day: wall.day,
    weekday: named('time.weekdays', new Date(dayNumber(wall) * day).getUTCDay()),
    time,
  }
}

/** When something happened: "今天13:40", "2月24日08:12", with the year only if it is another one. */
export function happened(at: string, now: Date, zone?: string): string {
  const wall = wallTime(new Date(at), zone)
  const today = wallTime(now, zone)
  if (dayNumber(wall) === dayNumber(today)) return t('time.today', { time: clock(wall) })
  return t(wall.year === today.year ? 'time.date' : 'time.date_year', slots(wall, clock(wall)))
}

/** A promised time in full: "2月27日周五 24:00". The last minute of a day reads 24:00. */
export function promised(at: string, now: Date, zone?: string): string {
  const wall = wallTime(new Date(at), zone)
  const time = dueClock(wall)
  return t(wall.year === wallTime(now, zone).year ? 'time.date_weekday' : 'time.date_year', slots(wall, time))
}

/** A near promised time: "14:42" today, "明天12:00" tomorrow, else with its date. */
export function promisedSoon(at: string, now: Date, zone?: string): string {
  const wall = wallTime(new Date(at), zone)
  const days = dayNumber(wall) - dayNumber(wallTime(now, zone))
  if (days === 0) return dueClock(wall)
  if (days === 1) return t('time.tomorrow', { time: dueClock(wall) })
  return t('time.date', slots(wall, dueClock(wall)))
}

function dueClock(wall: WallTime): string {
  return wall.hour === 23 && wall.minute === 59 ? '24:00' : clock(wall)
}

/** "1天9小时", "3小时27分钟", "5分钟"; never less than a minute. */
export function duration(milliseconds: number): string {
  const whole = Math.max(milliseconds, minute)
  const days = Math.floor(whole / day)
  const hours = Math.floor((whole % day) / hour)
  const minutes = Math.floor((whole % hour) / minute)
  const plain = (key: MessageKey, n: number) => t(key, { n })
  if (days > 0) return hours > 0 ? t('time.days_hours', { days, hours }) : plain('time.days', days)
  if (hours > 0) return minutes > 0 ? t('time.hours_minutes', { hours, minutes }) : plain('time.hours', hours)
  return plain('time.minutes', minutes)
}

/** How much of the time between two instants has gone, from 0 to 1. */
export function share(from: string, to: string, now: Date): number {
  const start = Date.parse(from)
  const length = Date.parse(to) - start
  return length > 0 ? Math.min(1, Math.max(0, (now.getTime() - start) / length)) : 1
}
