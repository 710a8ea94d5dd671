import { expect, it } from 'vitest'
import { waitBefore } from './stream'

it('waits longer after each failure, up to a bound, and not all at once', () => {
  expect(waitBefore(0, 0.5)).toBe(500)
  expect(waitBefore(3, 0.5)).toBe(4_000)
  expect(waitBefore(50, 0.5)).toBe(10_000)
  expect(waitBefore(2, 0)).toBeLessThan(waitBefore(2, 1))
})
