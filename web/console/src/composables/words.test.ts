import { expect, it } from 'vitest'
import { channelIcon, stageOf } from './words'

it.each([
  [{ status: 'new' }, 'intake'],
  [{ status: 'triage', validity: 'unjudged', department_id: null }, 'judge'],
  [{ status: 'triage', validity: 'valid', department_id: null }, 'dispatch'],
  [{ status: 'pending_approval' }, 'approve'],
  [{ status: 'promised' }, 'carryOut'],
  [{ status: 'on_hold', heldFrom: 'executing' }, 'carryOut'],
  [{ status: 'on_hold' }, 'work'],
  [{ status: 'archived' }, 'closed'],
] as const)('stands in its stage: %o', (facts, stage) => expect(stageOf(facts)).toBe(stage))

it('knows a channel by its kind, whatever the account', () => {
  expect(channelIcon('api/shop')).toBe('link')
  expect(channelIcon('web')).toBe('globe')
  expect(channelIcon('pigeon')).toBe('link')
})
