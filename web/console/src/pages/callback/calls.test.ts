import { describe, expect, it } from 'vitest'
import { barOf, consequenceOf, noAnswers, readablePhone, verdictOf } from './calls'

const said = (answers: object) => ({ ...noAnswers(), ...answers })

describe('what a verdict leads to', () => {
  it('waits for the first question', () => {
    expect(consequenceOf(said({ result: '1' }), 'valid')).toBeNull()
  })

  it('goes by the result: partly solved is content only from four on', () => {
    expect(consequenceOf(said({ solved: 'yes' }), 'valid')).toBe('closes')
    expect(consequenceOf(said({ solved: 'yes', result: '2' }), 'valid')).toBe('reworks')
    expect(consequenceOf(said({ solved: 'yes', result: '5', attitude: '1' }), 'valid')).toBe('closes')
    expect(consequenceOf(said({ solved: 'partly', result: '3' }), 'valid')).toBe('reworks')
    expect(consequenceOf(said({ solved: 'partly', result: '4' }), 'valid')).toBe('closes')
    expect(consequenceOf(said({ solved: 'no', result: '5' }), 'valid')).toBe('reworks')
  })

  it('makes a dispute of an invalid finding he does not accept', () => {
    expect(consequenceOf(said({ solved: 'no' }), 'invalid')).toBe('disputes')
  })

  it('sends what was not rated as nothing, and a reason only where he is not content', () => {
    expect(verdictOf(said({ solved: 'yes', result: '5', time: 'none', reason: 'old' }), 'closes')).toEqual({ solved: 'yes', result: 5, time: null, attitude: null })
  })
})

describe('the hours on a bar', () => {
  it('begins an hour before the first and ends with the last', () => {
    const bar = barOf([{ from: '09:00', to: '12:00' }, { from: '14:00', to: '20:30' }])
    expect(bar.spans[0]?.left).toBeCloseTo(8, 0)
    expect(bar.place(20 * 60 + 30)).toBe(100)
    expect(bar.place(3 * 60)).toBe(0)
  })
})

describe('a phone number', () => {
  it('is grouped as it is read out', () => {
    expect(readablePhone('+8613907314486')).toBe('139 0731 4486')
    expect(readablePhone('+85221234567')).toBe('+85221234567')
  })
})
