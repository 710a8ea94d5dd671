import { api } from '@/api/client'
import type { Body, PathOf } from '@/api/client'
import type { Acted, Ticket } from '@/api/types'
import type { IconName } from '@shared/generated/icon-name'
import type { MessageKey } from '@/i18n'

export type ActPath = Extract<PathOf<'post'>, `/api/v1/tickets/{id}/${string}`>
type NameOf<P> = P extends `/api/v1/tickets/{id}/${infer Name}` ? Name : never
/** Acts that change the ticket by one command; notes, links, ratings and the case library have forms of their own. */
export type ActName = Exclude<NameOf<ActPath>, 'notes' | 'survey-links' | 'internal_ratings' | 'case_record'>

/** What the fields of a form hold, whatever the act. */
export interface Values {
  text: string
  basis: string
  interim: string
  category: string
  reason: string
  rootCause: string
  template: string
  department: string
  otherDepartment: string
  user: string
  item: string
  choice: string
  channel: string
  number: string
  solved: '' | 'yes' | 'partly' | 'no'
  result: number | null
  time: number | null
  attitude: number | null
  cost: string
  evidence: number | null
  at: string
  yes: boolean
  also: boolean
}

export const emptyValues = (): Values => ({
  text: '', basis: '', interim: '', category: '', reason: '', rootCause: '', template: '', department: '', otherDepartment: '', user: '', item: '',
  choice: '', channel: '', number: '', solved: '', result: null, time: null, attitude: null, cost: '', evidence: null, at: '', yes: false, also: false,
})

export type FieldKind =
  | 'words' | 'line' | 'category' | 'reason' | 'rootCause' | 'template' | 'department' | 'user' | 'choice' | 'yesNo' | 'check' | 'time' | 'money' | 'count'
  | 'solved' | 'scores' | 'workOrder' | 'promise' | 'contact' | 'ticket'

export interface Field {
  name: keyof Values
  kind: FieldKind
  label: MessageKey
  required?: boolean
  /** Whose reason codes are offered. */
  reasons?: string
  options?: readonly string[]
  /** Where the words of the options are: `${words}.${option}`. */
  words?: string
  when?: (values: Values, ticket: Ticket) => boolean
}

export interface Act {
  icon: IconName
  keys?: string
  fields: Field[]
  /** Needs a dialog that names the consequence even without fields. */
  consequence?: MessageKey
  danger?: boolean
  send: (ticket: Ticket, values: Values, key: string) => Promise<Acted>
}

interface Definition<N extends ActName> extends Omit<Act, 'send'> {
  body: (values: Values, ticket: Ticket) => Body<Extract<ActPath, `/api/v1/tickets/{id}/${N}`>, 'post'>
}

const some = (value: string): string | undefined => (value.trim() === '' ? undefined : value.trim())
const cents = (value: string): number | undefined => (value.trim() === '' ? undefined : Math.round(Number(value) * 100))
const answers = (v: Values) => ({ solved: v.solved || undefined, result: v.result, time: v.time, attitude: v.attitude })

type Acts = { [N in ActName]: Definition<N> }

const words = (required = false): Field => ({ name: 'text', kind: 'words', label: 'common.form.words', required })
const reason = (of: string, required = true): Field => ({ name: 'reason', kind: 'reason', reasons: of, label: 'common.form.reason', required })
const department = (label: MessageKey, required = true): Field => ({ name: 'department', kind: 'department', label, required })
const agreed: Field = { name: 'choice', kind: 'choice', label: 'ticket.field.decision', options: ['agree', 'refuse'], words: 'ticket.choice', required: true }
const score: Field = { name: 'result', kind: 'scores', label: 'ticket.field.scores' }
const solved: Field = { name: 'solved', kind: 'solved', label: 'ticket.field.solved', required: true }

const definitions: Acts = {
  classification: { icon: 'tag', fields: [{ name: 'category', kind: 'category', label: 'ticket.field.category', required: true }], body: (v) => ({ category: v.category }) },
  dispatch: { icon: 'send', fields: [department('ticket.field.department', false)], body: (v) => ({ department_id: some(v.department) }) },
  acceptance: { icon: 'check', keys: 's', fields: [], body: () => ({}) },
  approvals: { icon: 'check', keys: 'a', fields: [{ name: 'text', kind: 'words', label: 'common.form.comment' }], body: (v) => ({ comment: some(v.text) }) },
  rejections: { icon: 'undo-2', keys: 'r', danger: true, consequence: 'ticket.consequence.rejections', fields: [{ name: 'text', kind: 'words', label: 'common.form.comment', required: true }], body: (v) => ({ comment: some(v.text) }) },
  solutions: {
    icon: 'file-text',
    keys: 'p',
    fields: [
      { name: 'choice', kind: 'choice', label: 'ticket.field.solutionKind', options: ['fix', 'promise'], words: 'ticket.choice', required: true },
      { name: 'text', kind: 'words', label: 'ticket.field.solution', required: true },
      { name: 'rootCause', kind: 'rootCause', label: 'ticket.field.rootCause', required: true },
      { name: 'user', kind: 'user', label: 'ticket.field.responsible' },
      { name: 'reason', kind: 'reason', reasons: 'no_responsible', label: 'ticket.field.noResponsible', required: true, when: (v) => v.user === '' },
      { name: 'cost', kind: 'money', label: 'ticket.field.cost' },
      { name: 'template', kind: 'reason', reasons: 'promise', label: 'ticket.field.promiseReason', required: true, when: (v) => v.choice === 'promise' },
      { name: 'at', kind: 'time', label: 'ticket.field.promisedDue', required: true, when: (v) => v.choice === 'promise' },
      { name: 'interim', kind: 'words', label: 'ticket.field.interim', required: true, when: (v) => v.choice === 'promise' },
    ],
    body: (v) => ({
      kind: v.choice === 'promise' ? 'promise' : 'fix', text: some(v.text), root_cause: some(v.rootCause), responsible_person: some(v.user), cost_cents: cents(v.cost),
      no_responsible_reason: v.user === '' ? some(v.reason) : undefined,
      ...(v.choice === 'promise' && { promise_reason: some(v.template), promised_due_at: some(v.at), interim: some(v.interim) }),
    }),
  },
  fulfilment: { icon: 'handshake', fields: [], consequence: 'ticket.consequence.fulfilment', body: () => ({}) },
  completion: {
    icon: 'check-check',
    keys: 'y',
    fields: [
      { name: 'text', kind: 'words', label: 'ticket.field.result', required: true },
      { name: 'yes', kind: 'check', label: 'ticket.field.informed' },
      { name: 'item', kind: 'contact', label: 'ticket.field.informedBy', when: (v) => v.yes },
      { name: 'evidence', kind: 'count', label: 'ticket.field.evidence' },
    ],
    body: (v) => ({ result: some(v.text), customer_informed: v.yes, evidence: v.evidence ?? undefined, interaction_id: v.yes ? some(v.item) : undefined }),
  },
  pass: { icon: 'check', keys: 'a', fields: [], body: () => ({}) },
  'reply-rejections': {
    icon: 'undo-2', keys: 'r', danger: true, consequence: 'ticket.consequence.replyRejections',
    fields: [{ name: 'choice', kind: 'choice', label: 'common.form.reason', options: ['not_solved', 'false_reply', 'template_text'], words: 'ticket.choice', required: true }],
    body: (v) => ({ reason: v.choice as 'not_solved' }),
  },
  verdicts: {
    icon: 'phone-outgoing',
    fields: [solved, score, { ...reason('unsatisfied'), when: (v) => isNotContent(v) }, { name: 'number', kind: 'line', label: 'ticket.field.number' }, { name: 'yes', kind: 'check', label: 'ticket.field.customerCame' }],
    body: (v) => ({ ...answers(v), reason: isNotContent(v) ? some(v.reason) : undefined, number: some(v.number), customer_came: v.yes || undefined }),
  },
  'callback-attempts': {
    icon: 'phone-off',
    fields: [
      { name: 'choice', kind: 'choice', label: 'ticket.field.outcome', options: ['no_answer', 'busy', 'wrong_number', 'refused', 'later'], words: 'domain.outcome', required: true },
      { name: 'at', kind: 'time', label: 'ticket.field.wishedAt', required: true, when: (v) => v.choice === 'later' },
      { name: 'number', kind: 'line', label: 'ticket.field.number' },
    ],
    body: (v) => ({ outcome: v.choice as 'no_answer', wished_at: v.choice === 'later' ? some(v.at) : undefined, number: some(v.number) }),
  },
  'direct-resolution': {
    icon: 'check-check',
    fields: [{ name: 'yes', kind: 'check', label: 'ticket.field.customerConfirmed' }, solved, score, { name: 'rootCause', kind: 'rootCause', label: 'ticket.field.rootCause', required: true }, { name: 'cost', kind: 'money', label: 'ticket.field.cost' }],
    body: (v) => ({ ...answers(v), customer_confirmed: v.yes, root_cause: some(v.rootCause), cost_cents: cents(v.cost) }),
  },
  contacts: {
    icon: 'phone',
    keys: 'd',
    fields: [
      { name: 'choice', kind: 'choice', label: 'ticket.field.how', options: ['call', 'reply', 'visit', 'letter'], words: 'domain.contactHow', required: true },
      { name: 'channel', kind: 'choice', label: 'ticket.field.reached', options: ['reached', 'missed'], words: 'ticket.choice', required: true },
      { ...words(), label: 'ticket.field.said' },
    ],
    body: (v) => ({ how: v.choice as 'call', reached: v.channel === 'reached', text: some(v.text) }),
  },
  promises: { icon: 'calendar-plus', fields: [{ name: 'text', kind: 'words', label: 'ticket.field.promise', required: true }, { name: 'at', kind: 'time', label: 'ticket.field.promisedDue', required: true }], body: (v) => ({ due_at: v.at, text: v.text.trim() }) },
  'kept-promises': { icon: 'handshake', fields: [{ name: 'item', kind: 'promise', label: 'ticket.field.whichPromise', required: true }], body: (v) => ({ promise_id: v.item }) },
  returns: {
    icon: 'undo-2', keys: 't', danger: true, consequence: 'ticket.consequence.returns',
    fields: [reason('return'), { name: 'basis', kind: 'words', label: 'ticket.field.basis', required: true }, department('ticket.field.suggested')],
    body: (v) => ({ reason: some(v.reason), basis: some(v.basis), suggested_department_id: some(v.department) }),
  },
  'return-signature': { icon: 'pencil', fields: [agreed], body: (v) => ({ agreed: v.choice === 'agree' }) },
  transfers: { icon: 'split', keys: 't', fields: [department('ticket.field.department'), reason('transfer')], body: (v) => ({ department_id: some(v.department), reason: some(v.reason) }) },
  arbitration: {
    icon: 'scale',
    fields: [
      department('ticket.field.department'), reason('transfer'),
      { name: 'choice', kind: 'choice', label: 'ticket.field.fault', options: ['desk', 'department'], words: 'domain.holder', required: true },
      { name: 'otherDepartment', kind: 'department', label: 'ticket.field.wrongDepartment', when: (v) => v.choice === 'department' },
      { name: 'yes', kind: 'check', label: 'ticket.field.conflict' },
    ],
    body: (v) => ({ department_id: some(v.department), reason: some(v.reason), at_fault: v.choice as 'desk', wrong_department_id: v.choice === 'department' ? some(v.otherDepartment) : undefined, conflict: v.yes || undefined }),
  },
  invalidity: { icon: 'circle-x', danger: true, fields: [reason('invalid'), words(true), { name: 'evidence', kind: 'count', label: 'ticket.field.evidence' }], body: (v) => ({ reason: some(v.reason), text: some(v.text), evidence: v.evidence ?? undefined }) },
  'invalid-reply': {
    icon: 'send',
    fields: [{ name: 'template', kind: 'template', label: 'ticket.field.template', required: true }, { ...words(true), label: 'ticket.field.reply' }, { name: 'choice', kind: 'choice', label: 'ticket.field.understanding', options: ['not_asked', 'asked', 'accepted'], words: 'ticket.choice', required: true }],
    body: (v) => ({ template: some(v.template), text: v.text.trim(), understanding: v.choice as 'asked' }),
  },
  disputes: { icon: 'circle-help', fields: [{ ...words(), label: 'ticket.field.newFact' }], body: (v) => ({ new_fact: some(v.text) }) },
  'co-handlers': { icon: 'user-plus', fields: [department('ticket.field.coDepartment'), { name: 'at', kind: 'time', label: 'ticket.field.partDue' }], body: (v) => ({ department_id: v.department, due_at: some(v.at) }) },
  'co-handler-results': { icon: 'check', fields: [{ name: 'item', kind: 'workOrder', label: 'ticket.field.part', required: true }, { ...words(true), label: 'ticket.field.result' }], body: (v) => ({ work_order_id: v.item, result: some(v.text) }) },
  'co-handler-waivers': { icon: 'minus', fields: [{ name: 'item', kind: 'workOrder', label: 'ticket.field.part', required: true }, reason('transfer', false)], body: (v) => ({ work_order_id: v.item, reason: some(v.reason) }) },
  extensions: { icon: 'calendar-clock', fields: [{ name: 'at', kind: 'time', label: 'ticket.field.until', required: true }, reason('extension'), { name: 'basis', kind: 'words', label: 'ticket.field.basis', required: true }], body: (v) => ({ until: v.at, reason: some(v.reason), basis: some(v.basis) }) },
  'extension-decisions': { icon: 'calendar-clock', fields: [agreed], body: (v) => ({ granted: v.choice === 'agree' }) },
  holds: {
    icon: 'pause',
    fields: [
      { name: 'choice', kind: 'choice', label: 'common.form.reason', options: ['awaiting_customer', 'appointment', 'force_majeure'], words: 'ticket.choice', required: true },
      { name: 'item', kind: 'contact', label: 'ticket.field.informedBy' },
      { name: 'at', kind: 'time', label: 'ticket.field.until', required: true, when: (v) => v.choice === 'appointment' },
      words(),
    ],
    body: (v) => ({ reason: v.choice as 'appointment', interaction_id: some(v.item), until: v.choice === 'appointment' ? some(v.at) : undefined, text: some(v.text) }),
  },
  'hold-signature': { icon: 'pause', fields: [agreed], body: (v) => ({ agreed: v.choice === 'agree' }) },
  resumption: { icon: 'play', fields: [], body: () => ({}) },
  urges: { icon: 'megaphone', keys: 'u', fields: [words()], body: (v) => ({ text: some(v.text) }) },
  'urge-answers': { icon: 'message-square-text', fields: [words(true)], body: (v) => ({ text: v.text.trim() }) },
  supervisions: { icon: 'gavel', keys: 'o', fields: [{ name: 'choice', kind: 'choice', label: 'common.form.reason', options: ['overdue', 'rework', 'media', 'leader', 'mass'], words: 'ticket.choice', required: true }, words()], body: (v) => ({ reason: v.choice as 'overdue', text: some(v.text) }) },
  'supervision-answers': { icon: 'message-square-text', fields: [words(true)], body: (v) => ({ text: v.text.trim() }) },
  'supervision-clearance': { icon: 'shield-check', fields: [], consequence: 'ticket.consequence.supervisionClearance', body: () => ({}) },
  unreachable: { icon: 'phone-off', danger: true, consequence: 'ticket.consequence.unreachable', fields: [reason('unreachable')], body: (v) => ({ reason: some(v.reason) }) },
  'final-answers': {
    icon: 'gavel', danger: true, consequence: 'ticket.consequence.finalAnswers',
    fields: [{ name: 'basis', kind: 'words', label: 'ticket.field.basis', required: true }, { name: 'reason', kind: 'reason', reasons: 'remedy', label: 'ticket.field.remedy', required: true }, words(true), { ...solved, required: false }, score],
    body: (v) => ({ basis: some(v.basis), remedy: some(v.reason), text: some(v.text), ...answers(v) }),
  },
  'final-answer-signature': { icon: 'gavel', danger: true, fields: [agreed], body: (v) => ({ agreed: v.choice === 'agree' }) },
  withdrawals: { icon: 'log-out', fields: [reason('withdraw'), words()], body: (v) => ({ reason: some(v.reason), text: some(v.text) }) },
  'withdrawal-confirmation': {
    icon: 'phone-outgoing',
    fields: [{ name: 'choice', kind: 'choice', label: 'ticket.field.withdrawn', options: ['confirmed', 'unconfirmed'], words: 'ticket.choice', required: true }, { name: 'number', kind: 'line', label: 'ticket.field.number' }, { name: 'yes', kind: 'check', label: 'ticket.field.customerCame' }],
    body: (v) => ({ confirmed: v.choice === 'confirmed', number: some(v.number), customer_came: v.yes || undefined }),
  },
  merges: { icon: 'git-merge', danger: true, consequence: 'ticket.consequence.merges', fields: [{ name: 'item', kind: 'ticket', label: 'ticket.field.mergeInto', required: true }], body: (v) => ({ into: v.item }) },
  'group-links': { icon: 'link', fields: [{ name: 'item', kind: 'ticket', label: 'ticket.field.groupRoot', required: true }], body: (v) => ({ root_id: v.item }) },
  'group-departure': { icon: 'link-2-off', fields: [], consequence: 'ticket.consequence.groupDeparture', body: () => ({}) },
  reopenings: { icon: 'rotate-ccw', fields: [reason('reopen'), words()], body: (v) => ({ reason: some(v.reason), text: some(v.text) }) },
  archival: { icon: 'archive', fields: [], consequence: 'ticket.consequence.archival', body: () => ({}) },
}

/** What the verdict means is decided by the server; the form only has to ask for the reason in time. */
export function isNotContent(v: Values): boolean {
  return v.solved === 'no' || [v.result, v.time, v.attitude].some((each) => each !== null && each <= 2)
}

/** In the order of likelihood. */
export const actNames = Object.keys(definitions) as ActName[]

export function isActName(name: string): name is ActName {
  return name in definitions
}

export function actOf(name: ActName): Act {
  const definition = definitions[name]
  const path = `/api/v1/tickets/{id}/${name}` as ActPath
  return {
    ...definition,
    send: (ticket, values, key) =>
      api.post(path, { path: { id: ticket.id }, version: ticket.version, key, body: definition.body(values, ticket) as Body<ActPath, 'post'> }) as Promise<Acted>,
  }
}

/** What stands in the middle of the page as the next step, and what decides together with it. */
export const companions: Partial<Record<ActName, ActName>> = { approvals: 'rejections', pass: 'reply-rejections', verdicts: 'callback-attempts' }
const leading: ActName[] = [
  'return-signature', 'hold-signature', 'final-answer-signature', 'extension-decisions', 'withdrawal-confirmation', 'arbitration',
  'approvals', 'pass', 'verdicts', 'acceptance', 'classification', 'dispatch', 'invalid-reply', 'solutions', 'completion', 'fulfilment', 'resumption', 'co-handler-results', 'urge-answers', 'supervision-answers',
]

export function nextStep(allowed: ReadonlySet<string>): ActName | null {
  return leading.find((name) => allowed.has(name)) ?? null
}

const objects: Partial<Record<ActName, (ticket: Ticket) => boolean>> = {
  'return-signature': (ticket) => ticket.flags.return_requested,
  'hold-signature': (ticket) => ticket.holds.some((hold) => hold.state === 'pending'),
  'extension-decisions': (ticket) => ticket.flags.extension_pending,
  'final-answer-signature': (ticket) => ticket.final_answer !== null && ticket.final_answer.agreed_at === null,
  'withdrawal-confirmation': (ticket) => ticket.withdrawal !== null,
  'supervision-answers': (ticket) => ticket.flags.supervised,
  'supervision-clearance': (ticket) => ticket.flags.supervised,
  'urge-answers': (ticket) => ticket.flags.urge_count > 0,
  'kept-promises': (ticket) => ticket.promises.length > 0,
  'co-handler-results': (ticket) => ticket.work_orders.some((order) => order.kind === 'co_handler'),
  'co-handler-waivers': (ticket) => ticket.work_orders.some((order) => order.kind === 'co_handler'),
  resumption: (ticket) => ticket.status === 'on_hold',
  'group-departure': (ticket) => ticket.group_root !== null,
  arbitration: (ticket) => ticket.flags.return_count > 0,
}

/** Whether there is anything on the ticket that the act is about: a refusal of one without is no news. */
export function hasObject(name: ActName, ticket: Ticket): boolean {
  return objects[name]?.(ticket) ?? true
}
