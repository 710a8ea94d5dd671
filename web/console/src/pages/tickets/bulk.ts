import { api, freshKey } from '@/api/client'
import { asApiError } from '@/api/problem'
import type { ApiError } from '@/api/problem'
import type { TicketRow } from '@/api/types'

export interface BulkOutcome {
  done: number
  refused: ApiError[]
}

/** One act on each of several tickets, one after the other; a refusal of one stops nothing. */
export async function urgeAll(rows: TicketRow[]): Promise<BulkOutcome> {
  const outcome: BulkOutcome = { done: 0, refused: [] }
  for (const row of rows) {
    try {
      await api.post('/api/v1/tickets/{id}/urges', { path: { id: row.id }, version: row.version, key: freshKey(), body: {} })
      outcome.done += 1
    } catch (thrown) {
      outcome.refused.push(asApiError(thrown))
    }
  }
  return outcome
}

/** Quotes a cell; a spreadsheet must not take a text for a formula. */
export function csvCell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function toCsv(lines: string[][]): string {
  return `\uFEFF${lines.map((line) => line.map(csvCell).join(',')).join('\r\n')}\r\n`
}

export function download(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
