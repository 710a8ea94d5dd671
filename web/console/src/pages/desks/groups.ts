import type { MessageKey } from '@/i18n'
import type { TicketRow } from './tickets'

/** Tickets of a desk that wait for the same kind of decision. */
export interface DeskGroup {
  id: string
  title: MessageKey
  /** Acts that decide it, the likeliest first. */
  acts: readonly string[]
  rows: TicketRow[]
}

/** Each ticket once: in the first group that has it. */
export function withoutRepeats(groups: readonly DeskGroup[]): DeskGroup[] {
  const seen = new Set<string>()
  return groups.map((group) => ({
    ...group,
    rows: group.rows.filter((row) => !seen.has(row.id) && seen.add(row.id)),
  }))
}
