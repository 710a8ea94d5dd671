import type { components } from '@/api/schema'

export type Figure = components['schemas']['Figure']
export type FigureRow = components['schemas']['FigureRow']
export type Metric = components['schemas']['Metric']
export type MetricInfo = components['schemas']['MetricInfo']
export type MetricReport = components['schemas']['MetricReport']

/** Below this many cases a rate says little: it is set in grey, with its number. */
export const fewCases = 20

export interface Shown {
  text: string
  /** Set smaller behind it. */
  unit: string
}

const whole = (value: number) => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',')
const fixed = (value: number, digits: number) => value.toFixed(digits)

export function showValue(value: number | null, unit: string, duration: (seconds: number) => string): Shown {
  if (value === null) return { text: '–', unit: '' }
  switch (unit) {
    case 'ratio': return { text: fixed(value * 100, 1), unit: '%' }
    case 'score': return { text: fixed(value, 2), unit: '' }
    case 'points': return { text: fixed(value, 1), unit: '' }
    case 'seconds': return { text: duration(value), unit: '' }
    default: return { text: Number.isInteger(value) ? whole(value) : fixed(value, 1), unit: '' }
  }
}

export interface Change {
  text: string
  direction: 'up' | 'down' | 'same'
  /** Whether that is good; nothing where it did not move. */
  good: boolean | null
}

/** Against the period before: rates in points, all else in its own unit. Null where one of them counted nothing. */
export function changeOf(now: number | null, before: number | null, unit: string, moreIsBetter: boolean, duration: (seconds: number) => string): Change | null {
  if (now === null || before === null) return null
  const by = now - before
  const { text } = showValue(Math.abs(by), unit, duration)
  const isNothing = text === showValue(0, unit, duration).text
  if (isNothing) return { text, direction: 'same', good: null }
  return { text, direction: by > 0 ? 'up' : 'down', good: by > 0 === moreIsBetter }
}

export function isFew(figure: Figure, unit: string): boolean {
  return (unit === 'ratio' || unit === 'score') && figure.value !== null && figure.count < fewCases
}

/** Figures that are reckoned from others have no rows of their own. */
const composed: readonly Metric[] = ['resolve_median', 'resolve_business_median', 'three_rates', 'complaints_per_10000', 'silent_estimate', 'department_index']

export function hasRows(metric: Metric): boolean {
  return !composed.includes(metric)
}
