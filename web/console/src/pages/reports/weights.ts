import type { Metric } from './figure'

export interface Goal {
  metric: Metric
  weight: number
  target: number
}

const round = (value: number) => Math.round(value * 10_000) / 10_000

/** As the server takes them: `on_time:0.5:0.95,solved_rate:0.5:0.9`. */
export function weightsText(goals: readonly Goal[]): string {
  return goals.map(({ metric, weight, target }) => `${metric}:${round(weight)}:${round(target)}`).join(',')
}

/** What keeps them from being asked for; whether service weighs enough is the server's to say. */
export function wrongWeights(goals: readonly Goal[]): 'none' | 'sum' | 'target' | null {
  if (goals.length === 0) return 'none'
  if (goals.some(({ target }) => !(target > 0))) return 'target'
  return Math.abs(goals.reduce((sum, { weight }) => sum + weight, 0) - 1) < 0.0005 ? null : 'sum'
}
