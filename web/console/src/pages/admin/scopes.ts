import type { components } from '@/api/schema'

export type Permission = components['schemas']['Permission']

/** What a token may be given, by what it is about. */
export const scopeGroups = {
  intake: ['intake_submit', 'parked_read', 'parked_retry'],
  tickets: [
    'ticket_read', 'ticket_create', 'ticket_classify', 'ticket_judge', 'ticket_arbitrate', 'ticket_transfer', 'ticket_resolve_direct',
    'ticket_reply_invalid', 'ticket_dispute', 'ticket_accept', 'ticket_return', 'ticket_note', 'ticket_log_contact', 'ticket_propose', 'ticket_approve',
    'ticket_fulfil', 'ticket_request_extension', 'ticket_decide_extension', 'ticket_complete', 'ticket_review_reply', 'ticket_co_handle',
    'ticket_callback', 'ticket_close_unreachable', 'ticket_archive', 'ticket_rate_reply',
  ],
  customers: ['customer_read', 'customer_write', 'customer_identity_of_report', 'customer_erase'],
  house: ['people_read', 'people_manage', 'token_manage', 'configuration_read', 'configuration_manage', 'outbox_manage'],
  watch: ['stream_follow', 'report_read', 'quality_read', 'metrics_read', 'journal_verify'],
} as const satisfies Record<string, readonly Permission[]>

export type ScopeGroup = keyof typeof scopeGroups
export const scopeGroupNames = Object.keys(scopeGroups) as ScopeGroup[]
