import { expect, test } from 'vitest'
import { bodyOf, missing, noEntries } from './registration'

test('words and somebody to reach are asked for', () => {
  expect(missing(noEntries())).toEqual(['contact', 'problem'])
  expect(missing({ ...noEntries(), email: 'a@b.test', problem: '漏报' })).toEqual([])
  expect(missing({ ...noEntries(), customer: { id: '1', name: '', contacts: [] }, problem: ' ' })).toEqual(['problem'])
})

test('only what was filled in is sent, words unaltered, times of the wall', () => {
  const entries = { ...noEntries(), phone: ' 138 ', problem: ' 漏报 \n', occurredAt: '2026-02-24T08:00', fields: { district: 'east', matter: '' }, waiting: true }
  expect(bodyOf(entries, 'Asia/Shanghai')).toEqual({
    channel: 'phone', direction: 'in', problem: ' 漏报 \n', contact: { phone: '138' }, occurred_at: '2026-02-24T00:00:00.000Z', fields: { district: 'east' }, customer_waiting: true,
  })
})

test('a customer on file keeps his name, a category brings its type', () => {
  const entries = { ...noEntries(), name: '王', customer: { id: 'c', name: '王淑芬', contacts: [] }, category: 'missed_copy', type: 'suggestion', problem: 'x' }
  expect(bodyOf(entries, 'UTC')).toEqual({ channel: 'phone', direction: 'in', problem: 'x', customer_id: 'c', category: 'missed_copy' })
})
