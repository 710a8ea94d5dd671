import type { Body, PathOf } from '@/api/client'
import type { Ticket } from '@/api/types'
import type { IconName } from '@shared/generated/icon-name'
import type { MessageKey } from '@/i18n'
import { instantOf } from './wallInput'

export type ActPath = Extract<PathOf<'post'>, `/api/v1/tickets/{id}/${string}`>
type NameOf<P> = P extends `/api/v1/tickets/{id}/${infer Name}` ? Name : never
/** Acts that change the ticket by one command; notes, links, ratings and the case library have forms of their own. */
export type ActName = Exclude<NameOf<ActPath>, 'notes' | 'survey-links' | 'internal_ratings' | 'case_record'>
type BodyOf<N extends ActName> = NonNullable<Body<Extract<ActPath, `/api/v1/tickets/{id}/${N}`>, 'post'>>
type MembersOf<B> = B extends unknown ? keyof B & string : never

/** What the fields of a form hold, by the members of the body that they become. */
export type Values = Record<string, string | boolean>

export type FieldKind =
  | 'words' | 'line' | 'reason' | 'cause' | 'choice' | 'category' | 'department' | 'person' | 'time' | 'check' | 'count' | 'money' | 'score' | 'contact'
  | 'promise' | 'order' | 'template' | 'ticket'

export interface Field<Name extends string = string> {
  name: Name
  label: MessageKey
  kind: FieldKind
  /** Which list of reasons. */
  of?: string
  options?: { value: string; label: MessageKey }[]
  required?: boolean
  /** What to know before it is filled in. */
  hint?: MessageKey
  when?: (values: Values) => boolean
  /** What stands there at first. */
  start?: (ticket: Ticket) => string | boolean | null | undefined
}

export interface Submit<Name extends string = string> {
  label: MessageKey
  body?: Partial<Record<Name, unknown>>
  danger?: boolean
  /** A field that this way of ending it needs and the other one does not. */
  needs?: Name
}

interface Definition<Name extends string> {
  icon: IconName
  keys?: string
  fields: Field<Name>[]
  /** What follows from it, said before it is done. */
  consequence?: MessageKey
  submits?: Submit<Name>[]
  danger?: boolean
}

/** One act on a ticket, as a form asks for it. */
export interface Act extends Definition<string> {
  /** The last part of its path, and its name in `domain.act`. */
  name: ActName
}

const words = <Name extends string>(name: Name, label: MessageKey, required = false): Field<Name> => ({ name, label, kind: 'words', required })
const reason = (of: string, required = true): Field<'reason'> => ({ name: 'reason', label: 'common.form.reason', kind: 'reason', of, required })
const solved: Field<'solved'> = {
  name: 'solved', label: 'desks.field.solved', kind: 'choice', required: true,
  options: [{ value: 'yes', label: 'domain.solved.yes' }, { value: 'partly', label: 'domain.solved.partly' }, { value: 'no', label: 'domain.solved.no' }],
}
const scores: Field<'result' | 'time' | 'attitude'>[] = [
  { name: 'result', label: 'ticket.score.result', kind: 'score' },
  { name: 'time', label: 'ticket.score.time', kind: 'score' },
  { name: 'attitude', label: 'ticket.score.attitude', kind: 'score' },
]
const usedNumber: Field<'number'> = { name: 'number', label: 'desks.field.usedNumber', kind: 'line' }
const customerCame: Field<'customer_came'> = { name: 'customer_came', label: 'desks.field.customerCame', kind: 'check' }
const signature: Submit<'agreed'>[] = [
  { label: 'desks.submit.agree', body: { agreed: true } },
  { label: 'desks.submit.disagree', body: { agreed: false }, danger: true },
]
const isPromise = (values: Values) => values['kind'] === 'promise'
const lastContact = (ticket: Ticket) => ticket.contacts.findLast((each) => each.reached && each.interaction_id !== null)?.interaction_id

/** What the verdict means is decided by the server; the form only has to ask for the reason in time. */
const isNotContent = (values: Values) => values['solved'] === 'no' || scores.some(({ name }) => ['1', '2'].includes(String(values[name])))

/** In the order of likelihood. */
const definitions: { [N in ActName]: Definition<MembersOf<BodyOf<N>>> } = {
  classification: { icon: 'tag', fields: [{ name: 'category', label: 'desks.field.category', kind: 'category', required: true, start: (ticket) => ticket.category }], consequence: 'desks.consequence.classification' },
  dispatch: {
    icon: 'send',
    fields: [{ name: 'department_id', label: 'desks.field.leadDepartment', kind: 'department', start: (ticket) => ticket.candidate_department_id ?? '' }],
    consequence: 'desks.consequence.dispatch',
  },
  acceptance: { icon: 'check', keys: 's', fields: [] },
  approvals: { icon: 'check', keys: 'a', fields: [words('comment', 'common.form.comment')] },
  rejections: { icon: 'undo-2', keys: 'r', fields: [words('comment', 'common.form.comment', true)], consequence: 'desks.consequence.rejections', danger: true },
  solutions: {
    icon: 'file-text', keys: 'p',
    fields: [
      {
        name: 'kind', label: 'desks.field.solutionKind', kind: 'choice', required: true, start: () => 'fix',
        options: [{ value: 'fix', label: 'desks.solutionKind.fix' }, { value: 'promise', label: 'desks.solutionKind.promise' }],
      },
      words('text', 'desks.field.solution', true),
      { name: 'root_cause', label: 'desks.field.rootCause', kind: 'cause', required: true, start: (ticket) => ticket.root_cause },
      { name: 'responsible_person', label: 'desks.field.responsible', kind: 'person', start: (ticket) => ticket.responsible_person },
      {
        name: 'no_responsible_reason', label: 'desks.field.noResponsible', kind: 'reason', of: 'no_responsible', required: true,
        when: (values) => !values['responsible_person'],
      },
      { name: 'cost_cents', label: 'desks.field.cost', kind: 'money' },
      { name: 'promise_reason', label: 'desks.field.promiseReason', kind: 'reason', of: 'promise', required: true, when: isPromise },
      { name: 'promised_due_at', label: 'desks.field.promisedDue', kind: 'time', required: true, when: isPromise },
      { ...words('interim', 'desks.field.interim', true), when: isPromise },
    ],
    consequence: 'desks.consequence.solutions',
  },
  fulfilment: { icon: 'handshake', fields: [], consequence: 'desks.consequence.fulfilment' },
  completion: {
    icon: 'check-check', keys: 'y',
    fields: [
      words('result', 'desks.field.result', true),
      { name: 'customer_informed', label: 'desks.field.customerInformed', kind: 'check' },
      { name: 'interaction_id', label: 'desks.field.informedBy', kind: 'contact', start: lastContact, when: (values) => values['customer_informed'] === true },
      { name: 'evidence', label: 'desks.field.evidence', kind: 'count', hint: 'desks.evidenceHint', required: true },
    ],
    consequence: 'desks.consequence.completion',
  },
  pass: { icon: 'check', keys: 'a', fields: [], consequence: 'desks.consequence.pass' },
  'reply-rejections': {
    icon: 'undo-2', keys: 'r',
    fields: [reason('reply_rejected')],
    consequence: 'desks.consequence.replyRejections',
    danger: true,
  },
  verdicts: { icon: 'phone-outgoing', fields: [solved, ...scores, { ...reason('unsatisfied'), when: isNotContent }, usedNumber, customerCame] },
  'callback-attempts': {
    icon: 'phone-off',
    fields: [
      {
        name: 'outcome', label: 'desks.field.outcome', kind: 'choice', required: true,
        options: [
          { value: 'no_answer', label: 'domain.outcome.no_answer' }, { value: 'busy', label: 'domain.outcome.busy' },
          { value: 'wrong_number', label: 'domain.outcome.wrong_number' }, { value: 'refused', label: 'domain.outcome.refused' },
          { value: 'later', label: 'domain.outcome.later' },
        ],
      },
      { name: 'wished_at', label: 'desks.field.wishedAt', kind: 'time', required: true, when: (values) => values['outcome'] === 'later' },
      usedNumber,
    ],
  },
  'direct-resolution': {
    icon: 'check-check',
    fields: [
      solved,
      ...scores,
      { name: 'customer_confirmed', label: 'desks.field.customerConfirmed', kind: 'check' },
      { name: 'cost_cents', label: 'desks.field.cost', kind: 'money' },
      { name: 'root_cause', label: 'desks.field.rootCause', kind: 'cause', required: true },
    ],
    consequence: 'desks.consequence.directResolution',
  },
  contacts: {
    icon: 'phone', keys: 'd',
    fields: [
      {
        name: 'how', label: 'desks.field.how', kind: 'choice', required: true, start: () => 'call',
        options: [
          { value: 'call', label: 'domain.contactHow.call' }, { value: 'visit', label: 'domain.contactHow.visit' },
          { value: 'reply', label: 'domain.contactHow.reply' }, { value: 'letter', label: 'domain.contactHow.letter' },
        ],
      },
      { name: 'reached', label: 'desks.field.reached', kind: 'check', start: () => true },
      words('text', 'desks.field.whatWasSaid', true),
    ],
  },
  promises: { icon: 'calendar-plus', fields: [words('text', 'desks.field.promiseText', true), { name: 'due_at', label: 'desks.field.promisedDue', kind: 'time', required: true }] },
  'kept-promises': { icon: 'handshake', fields: [{ name: 'promise_id', label: 'desks.field.promise', kind: 'promise', required: true }] },
  returns: {
    icon: 'undo-2', keys: 't',
    fields: [
      reason('return'),
      words('basis', 'desks.field.basis', true),
      { name: 'suggested_department_id', label: 'desks.field.suggestedDepartment', kind: 'department', required: true },
    ],
    consequence: 'desks.consequence.returns',
    danger: true,
  },
  'return-signature': { icon: 'pencil', fields: [], submits: signature, consequence: 'desks.consequence.returnSignature' },
  transfers: { icon: 'split', keys: 't', fields: [{ name: 'department_id', label: 'desks.field.leadDepartment', kind: 'department', required: true }, reason('transfer')], consequence: 'desks.consequence.transfers' },
  arbitration: {
    icon: 'scale',
    fields: [
      { name: 'department_id', label: 'desks.field.leadDepartment', kind: 'department', required: true, start: (ticket) => ticket.candidate_department_id ?? '' },
      reason('transfer'),
      {
        name: 'at_fault', label: 'desks.field.atFault', kind: 'choice', required: true,
        options: [{ value: 'desk', label: 'domain.holder.desk' }, { value: 'department', label: 'domain.holder.department' }],
      },
      { name: 'wrong_department_id', label: 'desks.field.wrongDepartment', kind: 'department', required: true, when: (values) => values['at_fault'] === 'department' },
      { name: 'conflict', label: 'desks.field.conflict', kind: 'check' },
    ],
    consequence: 'desks.consequence.arbitration',
  },
  invalidity: {
    icon: 'circle-x',
    fields: [reason('invalid'), words('text', 'desks.field.findings', true), { name: 'evidence', label: 'desks.field.evidence', kind: 'count', required: true }],
    consequence: 'desks.consequence.invalidity',
    danger: true,
  },
  'invalid-reply': {
    icon: 'send',
    fields: [
      { name: 'template', label: 'desks.field.template', kind: 'template', required: true },
      words('text', 'desks.field.replyText', true),
      {
        name: 'understanding', label: 'desks.field.understanding', kind: 'choice', required: true, start: () => 'asked',
        options: [{ value: 'asked', label: 'desks.understanding.asked' }, { value: 'accepted', label: 'desks.understanding.accepted' }],
      },
    ],
    consequence: 'desks.consequence.invalidReply',
  },
  disputes: { icon: 'circle-help', fields: [words('new_fact', 'desks.field.newFact')] },
  'co-handlers': {
    icon: 'user-plus',
    fields: [
      { name: 'department_id', label: 'desks.field.coDepartment', kind: 'department', required: true },
      { name: 'due_at', label: 'desks.field.coDue', kind: 'time' },
    ],
  },
  'co-handler-results': { icon: 'check', fields: [{ name: 'work_order_id', label: 'desks.field.order', kind: 'order', required: true }, words('result', 'desks.field.result', true)] },
  'co-handler-waivers': { icon: 'minus', fields: [{ name: 'work_order_id', label: 'desks.field.order', kind: 'order', required: true }, reason('transfer')] },
  extensions: {
    icon: 'calendar-clock',
    fields: [{ name: 'until', label: 'desks.field.until', kind: 'time', required: true }, reason('extension'), words('basis', 'desks.field.basis', true)],
    consequence: 'desks.consequence.extensions',
  },
  'extension-decisions': {
    icon: 'calendar-clock',
    fields: [{ ...reason('extension', false), label: 'desks.field.refusalReason' }],
    submits: [
      { label: 'desks.submit.grant', body: { granted: true } },
      { label: 'desks.submit.refuse', body: { granted: false }, danger: true, needs: 'reason' },
    ],
    consequence: 'desks.consequence.extensionDecisions',
  },
  holds: {
    icon: 'pause',
    fields: [
      {
        name: 'reason', label: 'common.form.reason', kind: 'choice', required: true,
        options: [
          { value: 'awaiting_customer', label: 'desks.holdReason.awaiting_customer' }, { value: 'appointment', label: 'desks.holdReason.appointment' },
          { value: 'force_majeure', label: 'desks.holdReason.force_majeure' },
        ],
      },
      { name: 'interaction_id', label: 'desks.field.informedBy', kind: 'contact', required: true, start: lastContact },
      { name: 'until', label: 'desks.field.appointment', kind: 'time', required: true, when: (values) => values['reason'] === 'appointment' },
      words('text', 'common.form.words', true),
    ],
    consequence: 'desks.consequence.holds',
  },
  'hold-signature': { icon: 'pause', fields: [], submits: signature, consequence: 'desks.consequence.holdSignature' },
  resumption: { icon: 'play', fields: [] },
  urges: { icon: 'megaphone', keys: 'u', fields: [words('text', 'common.form.words')] },
  'urge-answers': { icon: 'message-square-text', fields: [words('text', 'desks.field.answer', true)] },
  supervisions: {
    icon: 'gavel', keys: 'o',
    fields: [
      {
        name: 'reason', label: 'common.form.reason', kind: 'choice', required: true, start: (ticket) => (ticket.flags.breached.length > 0 ? 'overdue' : 'leader'),
        options: [
          { value: 'overdue', label: 'desks.supervisionReason.overdue' }, { value: 'rework', label: 'desks.supervisionReason.rework' },
          { value: 'media', label: 'desks.supervisionReason.media' }, { value: 'leader', label: 'desks.supervisionReason.leader' },
          { value: 'mass', label: 'desks.supervisionReason.mass' },
        ],
      },
      words('text', 'desks.field.demand', true),
    ],
    consequence: 'desks.consequence.supervisions',
  },
  'supervision-answers': { icon: 'message-square-text', fields: [words('text', 'desks.field.answer', true)] },
  'supervision-clearance': { icon: 'shield-check', fields: [], consequence: 'desks.consequence.supervisionClearance' },
  unreachable: { icon: 'phone-off', fields: [reason('unreachable')], consequence: 'desks.consequence.unreachable', danger: true },
  'final-answers': {
    icon: 'gavel',
    fields: [
      words('basis', 'desks.field.ruleBasis', true),
      { name: 'remedy', label: 'desks.field.remedy', kind: 'reason', of: 'remedy', required: true },
      words('text', 'desks.field.finalText', true),
    ],
    consequence: 'desks.consequence.finalAnswers',
    danger: true,
  },
  'final-answer-signature': { icon: 'gavel', fields: [], submits: signature, consequence: 'desks.consequence.finalAnswerSignature' },
  withdrawals: { icon: 'log-out', fields: [reason('withdraw'), words('text', 'common.form.words')] },
  'withdrawal-confirmation': {
    icon: 'phone-outgoing',
    fields: [usedNumber, customerCame],
    submits: [
      { label: 'desks.submit.withdrawn', body: { confirmed: true } },
      { label: 'desks.submit.notWithdrawn', body: { confirmed: false } },
    ],
    consequence: 'desks.consequence.withdrawalConfirmation',
  },
  merges: { icon: 'git-merge', fields: [{ name: 'into', label: 'desks.field.mergeInto', kind: 'ticket', required: true }], consequence: 'desks.consequence.merges', danger: true },
  'group-links': { icon: 'link', fields: [{ name: 'root_id', label: 'desks.field.groupRoot', kind: 'ticket', required: true }] },
  'group-departure': { icon: 'link-2-off', fields: [], consequence: 'desks.consequence.groupDeparture' },
  reopenings: { icon: 'rotate-ccw', fields: [reason('reopen'), words('text', 'common.form.words')] },
  archival: { icon: 'archive', fields: [], consequence: 'desks.consequence.archival' },
}

export const acts: readonly Act[] = Object.entries(definitions).map(([name, definition]) => ({ ...(definition as Definition<string>), name: name as ActName }))
const byName = new Map<string, Act>(acts.map((act) => [act.name, act]))

export function actNamed(name: string): Act | undefined {
  return byName.get(name)
}

export function isActName(name: string): name is ActName {
  return byName.has(name)
}

export function actOf(name: ActName): Act {
  return byName.get(name)!
}

export function startValues(act: Act, ticket: Ticket): Values {
  return Object.fromEntries(
    act.fields.map((field) => [field.name, field.start?.(ticket) ?? (field.kind === 'check' ? false : field.kind === 'count' ? '0' : '')]),
  )
}

export function isAsked(field: Field, values: Values): boolean {
  return field.when?.(values) ?? true
}

/** The fields that still have to be filled before this can be sent. */
export function missing(act: Act, values: Values, submit?: Submit): string[] {
  return act.fields
    .filter((field) => isAsked(field, values) && (field.required || submit?.needs === field.name))
    .filter((field) => String(values[field.name] ?? '').trim() === '')
    .map((field) => field.name)
}

function sent(field: Field, value: string | boolean, zone: string): unknown {
  if (typeof value === 'boolean') return value
  if (field.kind === 'count' || field.kind === 'score') return Number(value)
  if (field.kind === 'money') return Math.round(Number(value) * 100)
  if (field.kind === 'time') return instantOf(value, zone)
  return value.trim()
}

/** What is sent: only what is asked and filled in. */
export function bodyOf(act: Act, values: Values, zone: string, submit?: Submit): Record<string, unknown> {
  const body: Record<string, unknown> = { ...submit?.body }
  for (const field of act.fields) {
    const value = values[field.name]
    if (!isAsked(field, values) || value === undefined || value === '') continue
    body[field.name] = sent(field, value, zone)
  }
  return body
}
