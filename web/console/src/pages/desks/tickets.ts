import { defineStore } from 'pinia'
import { api } from '@/api/client'
import type { components } from '@/api/schema'
import type { HistoryItem, Ticket, TicketStatus } from '@/api/types'

type Schemas = components['schemas']
export type TicketRow = Schemas['TicketRow']
export type TicketFlag = Schemas['TicketFlag']
export type TicketView = Schemas['TicketView']
export type ListClock = NonNullable<TicketRow['nearest_clock']>

/** A ticket whole and, where something went wrong, what happened to it. */
export interface WholeTicket {
  ticket: Ticket
  history: HistoryItem[]
}

/** A ticket as a card shows it. */
export interface DeskTicket extends WholeTicket {
  row: TicketRow
}

export interface DeskQuery {
  view?: TicketView
  status?: TicketStatus[]
  department_id?: string[]
  handler_id?: string
  customer_id?: string
  flag?: TicketFlag[]
  overdue?: boolean
  sort?: Schemas['TicketSort']
}

/** The clock that a row shows: the nearest of those that run; where none does, the customer's. */
export function clockOf(row: Pick<TicketRow, 'nearest_clock' | 'customer_clock' | 'status'>): ListClock | null {
  const isHeld = row.status === 'on_hold' && row.customer_clock?.card === 'paused'
  return (isHeld ? row.customer_clock : row.nearest_clock) ?? row.customer_clock
}

function hasSetback(ticket: Ticket): boolean {
  const { reply_reject_count, return_count, no_return, return_requested } = ticket.flags
  return reply_reject_count > 0 || return_count > 0 || no_return || return_requested
}

const atOnce = 6
const mostRows = 400

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  async function worker(): Promise<void> {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  return results
}

/** Tickets whole, fetched again only once their version moved. */
export const useDeskTickets = defineStore('deskTickets', () => {
  const known = new Map<string, WholeTicket>()

  async function whole(id: string, version: number | null, signal?: AbortSignal): Promise<WholeTicket> {
    const cached = known.get(id)
    if (cached !== undefined && version !== null && cached.ticket.version >= version) return cached
    const ticket = await api.get('/api/v1/tickets/{id}', { path: { id }, signal })
    const history = hasSetback(ticket) ? (await api.get('/api/v1/tickets/{id}/events', { path: { id }, signal })).items : []
    const loaded = { ticket, history }
    known.set(id, loaded)
    return loaded
  }

  async function rows(query: DeskQuery, signal?: AbortSignal): Promise<TicketRow[]> {
    const found: TicketRow[] = []
    let cursor: string | null = null
    do {
      const page: Schemas['TicketPage'] = await api.get('/api/v1/tickets', {
        query: { sort: 'due', ...query, limit: 200, ...(cursor === null ? {} : { cursor }) },
        signal,
      })
      found.push(...page.items)
      cursor = page.next_cursor
    } while (cursor !== null && found.length < mostRows)
    return found
  }

  async function list(query: DeskQuery, signal?: AbortSignal): Promise<DeskTicket[]> {
    const found = await rows(query, signal)
    return inParallel(found, async (row) => ({ row, ...(await whole(row.id, row.version, signal)) }))
  }

  return { rows, list, whole }
})
