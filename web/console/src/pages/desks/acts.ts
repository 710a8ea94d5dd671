import type { Ticket } from '@/api/types'
import type { MessageKey } from '@/i18n'
import { instantOf } from './wallInput'

export type Values = Record<string, string | boolean>

export type FieldKind =
  | 'words' | 'reason' | 'cause' | 'choice' | 'category' | 'department' | 'person' | 'time' | 'check' | 'count' | 'money' | 'contact'
  | 'promise' | 'order' | 'template'

export interface Field {
  name: string
  label: MessageKey
  kind: FieldKind
  /** Which list of reasons. */
  of?: string
  options?: { value: string; label: MessageKey }[]
  required?: boolean
  when?: (values: Values) => boolean
  /** What stands there at first. */
  start?: (ticket: Ticket) => string | boolean | null | undefined
}

export interface Submit {
  label: MessageKey
  body?: Record<string, unknown>
  danger?: boolean
  /** A field that this way of ending it needs and the other one does not. */
  needs?: string
}

/** One act on a ticket, as a form asks for it. */
export interface Act {
  /** The last part of its path, and its name in `domain.act`. */
  name: string
  keys?: string
  fields: Field[]
  /** What follows from it, said before it is done. */
  consequence?: MessageKey
  submits?: Submit[]
  danger?: boolean
}

const words = (name: string, label: MessageKey, required = false): Field => ({ name, label, kind: 'words', required })
const reason = (of: string, required = true): Field => ({ name: 'reason', label: 'common.form.reason', kind: 'reason', of, required })
const solved: Field = {
  name: 'solved', label: 'desks.field.solved', kind: 'choice', required: true,
  options: [{ value: 'yes', label: 'domain.solved.yes' }, { value: 'partly', label: 'domain.solved.partly' }, { value: 'no', label: 'domain.solved.no' }],
}
const signature: Submit[] = [
  { label: 'desks.submit.agree', body: { agreed: true } },
  { label: 'desks.submit.disagree', body: { agreed: false }, danger: true },
]
const isPromise = (values: Values) => values['kind'] === 'promise'
const lastContact = (ticket: Ticket) => ticket.contacts.findLast((each) => each.reached && each.interaction_id !== null)?.interaction_id

export const acts: readonly Act[] = [
  { name: 'classification', fields: [{ name: 'category', label: 'desks.field.category', kind: 'category', required: true, start: (ticket) => ticket.category }] },
  {
    name: 'dispatch',
    fields: [{ name: 'department_id', label: 'desks.field.leadDepartment', kind: 'department', start: (ticket) => ticket.candidate_department_id ?? '' }],
    consequence: 'desks.consequence.dispatch',
  },
  {
    name: 'invalidity',
    fields: [reason('invalid'), words('text', 'desks.field.findings', true), { name: 'evidence', label: 'desks.field.evidence', kind: 'count', required: true }],
    consequence: 'desks.consequence.invalidity',
    danger: true,
  },
  {
    name: 'invalid-reply',
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
  { name: 'disputes', fields: [words('new_fact', 'desks.field.newFact')] },
  {
    name: 'direct-resolution',
    fields: [
      solved,
      { name: 'customer_confirmed', label: 'desks.field.customerConfirmed', kind: 'check' },
      { name: 'cost_cents', label: 'desks.field.cost', kind: 'money' },
      { name: 'root_cause', label: 'desks.field.rootCause', kind: 'cause', required: true },
    ],
    consequence: 'desks.consequence.directResolution',
  },
  { name: 'acceptance', keys: 's', fields: [] },
  {
    name: 'returns',
    keys: 't',
    fields: [
      reason('return'),
      words('basis', 'desks.field.basis', true),
      { name: 'suggested_department_id', label: 'desks.field.suggestedDepartment', kind: 'department', required: true },
    ],
    consequence: 'desks.consequence.returns',
    danger: true,
  },
  { name: 'return-signature', fields: [], submits: signature, consequence: 'desks.consequence.returnSignature' },
  {
    name: 'contacts',
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
  {
    name: 'solutions',
    keys: 'p',
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
  { name: 'approvals', keys: 'a', fields: [words('comment', 'common.form.comment')] },
  { name: 'rejections', keys: 'r', fields: [words('comment', 'common.form.comment', true)], consequence: 'desks.consequence.rejections', danger: true },
  { name: 'fulfilment', fields: [], consequence: 'desks.consequence.fulfilment' },
  {
    name: 'completion',
    fields: [
      words('result', 'desks.field.result', true),
      { name: 'customer_informed', label: 'desks.field.customerInformed', kind: 'check' },
      { name: 'interaction_id', label: 'desks.field.informedBy', kind: 'contact', start: lastContact, when: (values) => values['customer_informed'] === true },
      { name: 'evidence', label: 'desks.field.evidence', kind: 'count' },
    ],
    consequence: 'desks.consequence.completion',
  },
  { name: 'pass', keys: 'a', fields: [], consequence: 'desks.consequence.pass' },
  {
    name: 'reply-rejections',
    keys: 'r',
    fields: [reason('reply_rejected')],
    consequence: 'desks.consequence.replyRejections',
    danger: true,
  },
  { name: 'urges', keys: 'u', fields: [words('text', 'common.form.words')] },
  { name: 'urge-answers', fields: [words('text', 'desks.field.answer', true)] },
  {
    name: 'supervisions',
    keys: 'o',
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
  { name: 'supervision-answers', fields: [words('text', 'desks.field.answer', true)] },
  { name: 'supervision-clearance', fields: [] },
  {
    name: 'extensions',
    fields: [{ name: 'until', label: 'desks.field.until', kind: 'time', required: true }, reason('extension'), words('basis', 'desks.field.basis', true)],
    consequence: 'desks.consequence.extensions',
  },
  {
    name: 'extension-decisions',
    fields: [{ ...reason('extension', false), label: 'desks.field.refusalReason' }],
    submits: [
      { label: 'desks.submit.grant', body: { granted: true } },
      { label: 'desks.submit.refuse', body: { granted: false }, danger: true, needs: 'reason' },
    ],
    consequence: 'desks.consequence.extensionDecisions',
  },
  {
    name: 'holds',
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
  { name: 'hold-signature', fields: [], submits: signature, consequence: 'desks.consequence.holdSignature' },
  { name: 'resumption', fields: [] },
  {
    name: 'co-handlers',
    fields: [
      { name: 'department_id', label: 'desks.field.coDepartment', kind: 'department', required: true },
      { name: 'due_at', label: 'desks.field.coDue', kind: 'time' },
    ],
  },
  { name: 'co-handler-results', fields: [{ name: 'work_order_id', label: 'desks.field.order', kind: 'order', required: true }, words('result', 'desks.field.result', true)] },
  { name: 'co-handler-waivers', fields: [{ name: 'work_order_id', label: 'desks.field.order', kind: 'order', required: true }, reason('transfer')] },
  { name: 'promises', fields: [words('text', 'desks.field.promiseText', true), { name: 'due_at', label: 'desks.field.promisedDue', kind: 'time', required: true }] },
  { name: 'kept-promises', fields: [{ name: 'promise_id', label: 'desks.field.promise', kind: 'promise', required: true }] },
  {
    name: 'arbitration',
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
  { name: 'transfers', fields: [{ name: 'department_id', label: 'desks.field.leadDepartment', kind: 'department', required: true }, reason('transfer')], consequence: 'desks.consequence.transfers' },
  { name: 'unreachable', fields: [reason('unreachable')], consequence: 'desks.consequence.unreachable', danger: true },
  {
    name: 'final-answers',
    fields: [
      words('basis', 'desks.field.ruleBasis', true),
      { name: 'remedy', label: 'desks.field.remedy', kind: 'reason', of: 'remedy', required: true },
      words('text', 'desks.field.finalText', true),
    ],
    consequence: 'desks.consequence.finalAnswers',
    danger: true,
  },
  { name: 'final-answer-signature', fields: [], submits: signature, consequence: 'desks.consequence.finalAnswerSignature' },
  {
    name: 'withdrawal-confirmation',
    fields: [{ name: 'number', label: 'desks.field.usedNumber', kind: 'words' }, { name: 'customer_came', label: 'desks.field.customerCame', kind: 'check' }],
    submits: [
      { label: 'desks.submit.withdrawn', body: { confirmed: true } },
      { label: 'desks.submit.notWithdrawn', body: { confirmed: false } },
    ],
    consequence: 'desks.consequence.withdrawalConfirmation',
  },
  { name: 'reopenings', fields: [reason('reopen'), words('text', 'common.form.words')] },
]

const byName = new Map(acts.map((act) => [act.name, act]))

export function actNamed(name: string): Act | undefined {
  return byName.get(name)
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
  if (field.kind === 'count') return Number(value)
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
