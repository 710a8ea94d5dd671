import type { components } from '@/api/schema'
import type { TicketStatus } from '@/api/types'
import type { FigureRow, MetricReport } from '../reports/figure'

export type LiveBoard = components['schemas']['LiveBoard']
type Queue = LiveBoard['queues'][number]

/** The columns of work in hand. A hold is its own, since it may stop any of the others. */
export const columns = ['intake', 'judge', 'accept', 'work', 'approve', 'carryOut', 'review', 'callBack', 'held'] as const
export type Column = (typeof columns)[number]

const columnOf: Partial<Record<TicketStatus, Column>> = {
  new: 'intake', triage: 'judge', invalid_pending_reply: 'judge', dispatched: 'accept', investigating: 'work', pending_approval: 'approve',
  executing: 'carryOut', promised: 'carryOut', reply_review: 'review', callback_pending: 'callBack', on_hold: 'held',
}

export function statusesIn(column: Column): TicketStatus[] {
  return (Object.keys(columnOf) as TicketStatus[]).filter((status) => columnOf[status] === column)
}

export interface ColumnCount {
  column: Column
  tickets: number
  overdue: number
}

export function byColumn(queues: readonly Queue[]): ColumnCount[] {
  return columns.map((column) => {
    const own = queues.filter((queue) => columnOf[queue.status] === column)
    return {
      column,
      tickets: own.reduce((sum, queue) => sum + queue.tickets, 0),
      overdue: own.reduce((sum, queue) => sum + queue.overdue, 0),
    }
  })
}

export const ages = ['under_1d', 'under_3d', 'under_7d', 'under_15d', 'under_30d', 'older'] as const
export type Age = (typeof ages)[number]

export interface HourlyIntake {
  channels: string[]
  /** By channel, then by the hour of the day. */
  counts: Map<string, number[]>
  total: number
}

/** Channels with the most contacts first, the order of their bars from the ground up. */
export function hourly(intake: LiveBoard['intake']): HourlyIntake {
  const counts = new Map<string, number[]>()
  let total = 0
  for (const { channel, hour, contacts } of intake) {
    const hours = counts.get(channel) ?? Array.from({ length: 24 }, () => 0)
    hours[hour] = (hours[hour] ?? 0) + contacts
    counts.set(channel, hours)
    total += contacts
  }
  const sum = (channel: string) => (counts.get(channel) ?? []).reduce((a, b) => a + b, 0)
  const channels = [...counts.keys()].sort((a, b) => sum(b) - sum(a) || a.localeCompare(b))
  return { channels, counts, total }
}

export interface Crossing {
  at: string
  column: Column
  department: string | null
  overdue: number
}

/** Where more is overdue than in the board before: told once, with what it came to. */
export function crossingsBetween(before: LiveBoard, after: LiveBoard): Crossing[] {
  const place = (queue: Queue) => `${columnOf[queue.status]}/${queue.department_id ?? ''}`
  const sums = (board: LiveBoard) => {
    const found = new Map<string, number>()
    for (const queue of board.queues) found.set(place(queue), (found.get(place(queue)) ?? 0) + queue.overdue)
    return found
  }
  const was = sums(before)
  const told = new Set<string>()
  const found: Crossing[] = []
  for (const [key, overdue] of sums(after)) {
    if (overdue <= (was.get(key) ?? 0) || told.has(key)) continue
    told.add(key)
    const [column, department] = key.split('/')
    found.push({ at: after.at, column: column as Column, department: department || null, overdue })
  }
  return found
}

export interface Ranked {
  row: FigureRow
  place: number
  /** How many places up since the period before; null where it had none. */
  moved: number | null
  last: boolean
}

/**
 * Departments by a figure, best first. One that only adds up those below it takes no place beside them.
 */
export function rank(report: MetricReport, casesOf: (row: FigureRow) => number): Ranked[] {
  const below = (row: FigureRow) => report.rows.filter((other) => other.parent !== null && other.parent === row.key)
  const own = report.rows.filter((row) => row.key !== null && casesOf(row) > below(row).reduce((sum, each) => sum + casesOf(each), 0))
  const byValue = (of: (row: FigureRow) => number | null) =>
    own.filter((row) => of(row) !== null).sort((a, b) => (of(b) ?? 0) - (of(a) ?? 0) || (a.code ?? '').localeCompare(b.code ?? ''))
  const now = byValue((row) => row.now.value)
  const before = byValue((row) => row.before.value)
  return now.map((row, at) => {
    const placeBefore = before.findIndex((each) => each.key === row.key)
    return { row, place: at + 1, moved: placeBefore < 0 ? null : placeBefore - at, last: now.length > 2 && at === now.length - 1 }
  })
}
