import type { components } from '@/api/schema'

type Schemas = components['schemas']
export type CallQueue = Schemas['CallbackQueue']
export type CallHours = CallQueue['hours']
export type DueCall = Schemas['DueCallback']
export type MadeCall = Schemas['MadeCallback']
export type Solved = Exclude<Schemas['Solved'], 'unasked'>

export interface Answers {
  solved: Solved | ''
  result: string
  time: string
  attitude: string
  reason: string
  words: string
  number: string
  customerCame: boolean
}

export const scored = ['result', 'time', 'attitude'] as const

export function noAnswers(): Answers {
  return { solved: '', result: '', time: '', attitude: '', reason: '', words: '', number: '', customerCame: false }
}

export type Consequence = 'closes' | 'reworks' | 'disputes'

const scoreOf = (answer: string) => (answer === '' || answer === 'none' ? null : Number(answer))

/** Whether these answers mean that he is not content, as the rules have it: by what was achieved, not by speed or manner. */
function isUnsatisfied({ solved, result }: Answers): boolean {
  const score = scoreOf(result)
  if (solved === 'partly') return score === null || score < 4
  return solved === 'no' || (score !== null && score < 3)
}

/** What these answers lead to; nothing until it is known whether it is solved. */
export function consequenceOf(answers: Answers, validity: Schemas['Validity']): Consequence | null {
  if (answers.solved === '') return null
  if (!isUnsatisfied(answers)) return 'closes'
  return validity === 'invalid' ? 'disputes' : 'reworks'
}

export function verdictOf(answers: Answers, consequence: Consequence | null): Schemas['Verdict'] {
  return {
    solved: answers.solved || 'unasked',
    result: scoreOf(answers.result),
    time: scoreOf(answers.time),
    attitude: scoreOf(answers.attitude),
    ...(consequence === 'closes' || answers.reason === '' ? {} : { reason: answers.reason }),
    ...(answers.customerCame ? { customer_came: true } : {}),
    ...(answers.number.trim() === '' ? {} : { number: answers.number.trim() }),
  }
}

export function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return hour * 60 + minute
}

/** The allowed hours on a bar from an hour before the first to the end of the last, in percent. */
export function barOf(spans: CallHours['spans']) {
  const begins = Math.min(...spans.map((span) => minuteOf(span.from))) - 60
  const ends = Math.max(...spans.map((span) => minuteOf(span.to)))
  const place = (minute: number) => Math.min(100, Math.max(0, ((minute - begins) / (ends - begins)) * 100))
  return {
    place,
    spans: spans.map(({ from, to }) => ({ left: place(minuteOf(from)), width: place(minuteOf(to)) - place(minuteOf(from)) })),
  }
}

/** Phones first, as they were given. */
export function phonesOf(call: DueCall): string[] {
  return call.contacts.filter((each) => each.kind === 'phone').map((each) => each.value)
}

/** A number as it is read out: `139 0731 4486`; others as they are. */
export function readablePhone(phone: string): string {
  const mobile = /^(?:\+86)?(1\d{2})(\d{4})(\d{4})$/.exec(phone)
  return mobile === null ? phone : mobile.slice(1).join(' ')
}

export function attemptNumber(call: DueCall): number {
  return call.attempts.filter((each) => each.outcome !== 'later').length + 1
}
