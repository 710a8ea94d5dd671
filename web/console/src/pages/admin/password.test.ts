import { expect, it } from 'vitest'
import { makePassword } from './password'

it('makes passwords that are long, differ, and leave out what is mistaken', () => {
  const made = Array.from({ length: 50 }, () => makePassword())
  expect(new Set(made).size).toBe(50)
  for (const each of made) expect(each).toMatch(/^[a-kmnp-zA-HJ-NP-Z2-9]{14}$/)
})

it('throws away bytes that would favour some letters', () => {
  let turn = 0
  const made = makePassword((bytes) => bytes.fill(turn++ === 0 ? 255 : 0))
  expect(made).toBe('a'.repeat(14))
})
