import { expect, it } from 'vitest'
import { kindsOf, wrongKind } from './kinds'

it('takes kinds however they are divided, each once', () => {
  expect(kindsOf(' ticket.*,ticket.closed、 user.changed\nticket.*')).toEqual(['ticket.*', 'ticket.closed', 'user.changed'])
})

it('finds what is no kind', () => {
  expect(wrongKind(['*', 'ticket.*', 'ticket.closed'])).toBeNull()
  expect(wrongKind(['ticket'])).toBe('ticket')
  expect(wrongKind(['*.closed'])).toBe('*.closed')
})
