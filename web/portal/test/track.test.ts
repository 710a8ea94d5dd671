// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest'
import type { Stage, Turn } from '../src/api'
import { readContact } from '../src/contact'
import { useLanguage } from '../src/i18n'
import { errorWords, outcomeWords } from '../src/track/acts'
import { readLink } from '../src/track/link'
import { courseOf } from '../src/track/steps'
import { worksAgain } from '../src/track/verdict'

const token = 'A'.repeat(58)
type Came = Stage | `${Stage} ${Turn}`
const ordinary: Record<Stage, Turn> = {
  received: 'registered', assigned: 'assigned', in_progress: 'work_continues', promised: 'promised', reviewing: 'answered', calling_back: 'asking_you', closed: 'closed',
}
const course = (...came: Came[]) =>
  courseOf(
    came.map((each, i) => {
      const [stage, what] = each.split(' ') as [Stage, Turn | undefined]
      return { stage, at: `2026-02-2${i}T00:00:00Z`, what: what ?? ordinary[stage] }
    }),
  )
const kinds = (...came: Came[]) => course(...came).steps.map(({ kind, state }) => `${kind} ${state}`)

describe('courseOf', () => {
  it('tells what is behind, where it stands and what is to come', () => {
    expect(kinds('received', 'assigned', 'in_progress')).toEqual([
      'received done', 'assigned done', 'in_progress now', 'calling_back todo', 'content todo',
    ])
  })

  it('says that the customer was not content, and counts the round', () => {
    const { steps, round, again } = course('received', 'assigned', 'in_progress', 'reviewing', 'calling_back', 'in_progress not_solved')
    expect(steps.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      'received done', 'assigned done', 'in_progress done', 'reviewing done', 'not_solved broken', 'in_progress now',
      'calling_back todo', 'content todo',
    ])
    expect(steps[4]?.at).toBe('2026-02-25T00:00:00Z')
    expect({ round, again }).toEqual({ round: 2, again: 'not_solved' })
  })

  it('does not tell what we pass around among ourselves', () => {
    expect(kinds('received', 'assigned', 'received')).toEqual([
      'received now', 'assigned todo', 'in_progress todo', 'calling_back todo', 'content todo',
    ])
    expect(kinds('received', 'assigned', 'in_progress', 'reviewing', 'in_progress')).toEqual([
      'received done', 'assigned done', 'in_progress now', 'calling_back todo', 'content todo',
    ])
    expect(kinds('received', 'assigned', 'received', 'assigned', 'in_progress')).toHaveLength(5)
  })

  it('keeps a promise and its fulfilment', () => {
    expect(kinds('received', 'assigned', 'in_progress', 'promised', 'in_progress').slice(2, 5)).toEqual([
      'in_progress done', 'promised done', 'fulfil now',
    ])
  })

  it('tells a dispute from a verdict', () => {
    const disputed = course('received', 'reviewing', 'calling_back', 'received disputed')
    expect(disputed.steps.map(({ kind }) => kind).slice(0, 3)).toEqual(['received', 'reviewing', 'disputed'])
    expect(disputed.round).toBe(1)
    expect(course('received', 'reviewing', 'received disputed').again).toBe('disputed')
  })

  it('tells a withdrawal from a callback', () => {
    expect(course('received', 'assigned', 'calling_back withdrawal_noted').withdrawing).toBe(true)
    expect(kinds('received', 'assigned', 'in_progress', 'calling_back withdrawal_noted', 'in_progress withdrawal_not_confirmed').slice(0, 5)).toEqual([
      'received done', 'assigned done', 'in_progress done', 'not_withdrawn done', 'in_progress now',
    ])
    expect(kinds('received', 'calling_back withdrawal_noted', 'closed')).toEqual(['received done', 'withdrawing done', 'closed done'])
  })

  it('goes on after it was closed', () => {
    const { steps, round } = course('received', 'assigned', 'in_progress', 'reviewing', 'calling_back', 'closed', 'received reopened')
    expect(steps.map(({ kind }) => kind).slice(5, 8)).toEqual(['closed', 'reopened', 'received'])
    expect(round).toBe(2)
  })

  it('bears an empty history', () => expect(course().steps).toEqual([]))
})

it.each([
  [undefined, undefined, undefined],
  ['no', 5, true],
  ['partly', 4, false],
  ['partly', undefined, true],
  ['yes', undefined, false],
  ['yes', 3, false],
  ['yes', 2, true],
] as const)('solved %s with %s for the result works again: %s', (solved, result, again) =>
  expect(worksAgain({ solved, scores: { result }, words: '' })).toBe(again),
)

describe('readLink', () => {
  it('reads the daemon’s links and the same after #', () => {
    expect(readLink('/track/260224-0318', `?survey=${token}`, '')).toEqual({ number: '260224-0318', token })
    for (const hash of [`#${token}`, `#token=${token}`, `#survey=${token}`])
      expect(readLink('/track/260224-0318/', '', hash)).toEqual({ number: '260224-0318', token })
  })

  it('takes nothing else for a token or a number', () => {
    expect(readLink('/track', '?survey=<script>', '#short')).toEqual({ number: '', token: '' })
    expect(readLink('/track/%E0%A4%A', '', '')).toEqual({ number: '', token: '' })
  })
})

it('a contact with an @ is an e-mail', () => {
  expect(readContact(' 13602175580 ')).toEqual({ phone: '13602175580' })
  expect(readContact('a@b.cn')).toEqual({ email: 'a@b.cn' })
  expect(readContact('  ')).toBeUndefined()
})

describe('what became of an act', () => {
  beforeEach(() => useLanguage('zh-CN'))

  it('is told by its reason where there is a sentence for it', () => {
    const outcome = { number: '1', act: 'urge', outcome: 'refused' } as const
    expect(outcomeWords({ ...outcome, reason: 'urged-recently' })).toContain('24小时内已经催过')
    expect(outcomeWords({ ...outcome, reason: 'wrong-state' })).toContain('已经记下')
    expect(outcomeWords({ ...outcome, outcome: 'applied', reason: null })).toContain('已经催了')
    expect(errorWords('offline')).toContain('没有连上网络')
    expect(errorWords('internal')).toContain('没有发出去')
  })
})
