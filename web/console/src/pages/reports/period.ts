// Days of the calendar as `YYYY-MM-DD`, without a zone: what the reports count by.

export interface Period {
  from: string
  to: string
}

export const presets = ['today', 'last7', 'last30', 'thisMonth', 'lastMonth'] as const
export type Preset = (typeof presets)[number]

const dayMs = 86_400_000
const longest = 1_100

const parse = (day: string) => Date.parse(`${day}T00:00:00Z`)
const write = (at: number) => new Date(at).toISOString().slice(0, 10)

export function shiftDay(day: string, by: number): string {
  return write(parse(day) + by * dayMs)
}

export function daysIn({ from, to }: Period): number {
  return Math.round((parse(to) - parse(from)) / dayMs) + 1
}

export function isDay(text: unknown): text is string {
  return typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(parse(text)) && write(parse(text)) === text
}

/** What the server will count: whole days in their order, not too many. */
export function isPeriod(period: Period): boolean {
  return isDay(period.from) && isDay(period.to) && period.from <= period.to && daysIn(period) <= longest
}

export function periodOf(preset: Preset, today: string): Period {
  const monthStart = `${today.slice(0, 8)}01`
  switch (preset) {
    case 'today': return { from: today, to: today }
    case 'last7': return { from: shiftDay(today, -6), to: today }
    case 'last30': return { from: shiftDay(today, -29), to: today }
    case 'thisMonth': return { from: monthStart, to: today }
    case 'lastMonth': {
      const end = shiftDay(monthStart, -1)
      return { from: `${end.slice(0, 8)}01`, to: end }
    }
  }
}

export function presetOf(period: Period, today: string): Preset | null {
  return presets.find((preset) => {
    const { from, to } = periodOf(preset, today)
    return from === period.from && to === period.to
  }) ?? null
}
