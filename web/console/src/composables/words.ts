import type { TicketStatus } from '@/api/types'
import type { IconName } from '@shared/generated/icon-name'
import { t, tIfKnown } from '@/i18n'

/** An event's or a notice's kind in words: `ticket.accepted` → 签收. */
export function eventWord(kind: string): string {
  const name = kind.slice(kind.indexOf('.') + 1)
  return tIfKnown(`domain.event.${name}`) ?? t('domain.event.other')
}

export const stages = ['intake', 'judge', 'dispatch', 'accept', 'work', 'approve', 'carryOut', 'review', 'callBack', 'closed'] as const
export type StageName = (typeof stages)[number]

const stageOfStatus: Record<TicketStatus, StageName> = {
  new: 'intake', triage: 'judge', invalid_pending_reply: 'judge', dispatched: 'accept', investigating: 'work', pending_approval: 'approve',
  executing: 'carryOut', promised: 'carryOut', on_hold: 'work', reply_review: 'review', callback_pending: 'callBack', closed: 'closed',
  archived: 'closed', withdrawn: 'closed', merged: 'closed',
}

export interface StageFacts {
  status: TicketStatus
  validity?: string
  department_id?: string | null
  /** The status before a hold, where it is known: what the hold stopped. */
  heldFrom?: TicketStatus | null
}

/** The stage on screen. A judged matter without a department waits to be dispatched; a hold stays in the stage it stopped. */
export function stageOf(facts: StageFacts): StageName {
  if (facts.status === 'on_hold' && facts.heldFrom) return stageOfStatus[facts.heldFrom]
  if (facts.status === 'triage' && facts.validity === 'valid' && facts.department_id === null) return 'dispatch'
  return stageOfStatus[facts.status]
}

const channelIcons: Record<string, IconName> = {
  phone: 'phone', call: 'phone', mail: 'mail', email: 'mail', sms: 'message-square-text', web: 'globe', form: 'globe', chat: 'messages-square',
  visit: 'map-pin', letter: 'file-text', note: 'pencil', api: 'link',
}

/** A channel may carry its account behind a slash. */
export function channelIcon(channel: string): IconName {
  return channelIcons[channel.split('/')[0] ?? ''] ?? 'link'
}

export function channelWord(channel: string): string {
  return tIfKnown(`domain.channel.${channel.split('/')[0]}`) ?? t('domain.channel.other')
}
