import { describe, expect, it } from 'vitest'
import { nextStep } from '@/pages/ticket/acts'
import { actNamed, acts, bodyOf, isAsked, missing } from './acts'
import { instantOf, localOf } from './wallInput'
import zhCN from '@/locales/zh-CN/domain'

const act = (name: string) => {
  const found = actNamed(name)
  if (found === undefined) throw new Error(name)
  return found
}

describe('acts', () => {
  it('has a name in words for each of them', () => {
    for (const each of acts) expect(zhCN.act).toHaveProperty([each.name])
  })

  it('asks for what a promise needs only where it is one', () => {
    const fix = { kind: 'fix', text: 'x', root_cause: 'y', responsible_person: 'z' }
    expect(missing(act('solutions'), fix)).toEqual([])
    expect(missing(act('solutions'), { ...fix, kind: 'promise' })).toEqual(['promise_reason', 'promised_due_at', 'interim'])
    expect(missing(act('solutions'), { ...fix, responsible_person: '' })).toEqual(['no_responsible_reason'])
  })

  it('sends only what is asked and filled in, in the units of the server', () => {
    const values = { kind: 'fix', text: ' x ', root_cause: 'y', responsible_person: 'z', cost_cents: '12.5', interim: 'left over', no_responsible_reason: 'n' }
    expect(bodyOf(act('solutions'), values, 'UTC')).toEqual({ kind: 'fix', text: 'x', root_cause: 'y', responsible_person: 'z', cost_cents: 1250 })
  })

  it('needs a reason to refuse an extension and none to grant it', () => {
    const [grant, refuse] = act('extension-decisions').submits ?? []
    expect(missing(act('extension-decisions'), { reason: '' }, grant)).toEqual([])
    expect(missing(act('extension-decisions'), { reason: '' }, refuse)).toEqual(['reason'])
  })
})

describe('times from fields', () => {
  it('takes them as the time on the wall of the zone', () => {
    expect(instantOf('2026-02-26T14:32', 'Asia/Shanghai')).toBe('2026-02-26T06:32:00.000Z')
    expect(instantOf('2026-03-29T03:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z')
    expect(localOf(Date.parse('2026-02-26T06:32:00Z'), 'Asia/Shanghai')).toBe('2026-02-26T14:32')
  })
})

describe('the next step', () => {
  it('is to judge what has been classified, and to classify what has not', () => {
    const triage = new Set(['classification', 'dispatch', 'invalidity'])
    expect(nextStep(triage, '')).toBe('classification')
    expect(nextStep(triage, 'missed_copy')).toBe('dispatch')
    expect(nextStep(new Set(['classification']), 'missed_copy')).toBe('classification')
    expect(nextStep(new Set(['notes']), '')).toBeNull()
  })
})

describe('a verdict', () => {
  it('asks why only where the customer is not content', () => {
    const reason = act('verdicts').fields.find((field) => field.name === 'reason')!
    expect(isAsked(reason, { solved: 'yes', result: '5', time: '', attitude: '' })).toBe(false)
    expect(isAsked(reason, { solved: 'yes', result: '2', time: '', attitude: '' })).toBe(true)
    expect(isAsked(reason, { solved: 'no', result: '' })).toBe(true)
    expect(bodyOf(act('verdicts'), { solved: 'yes', result: '5', time: '', customer_came: false }, 'UTC')).toEqual({ solved: 'yes', result: 5, customer_came: false })
  })
})
