import { expect, it } from 'vitest'
import { effectScope, nextTick, ref, shallowRef } from 'vue'
import type { Ticket } from '@/api/types'
import { useConflict } from './conflict'

const ticket = (version: number, status = 'investigating', id = 't1') =>
  ({ id, version, status, type: 'complaint', priority: 'P2', category: 'c', department_id: null, handler_id: null, problem: '', desired_solution: null, solutions: [], reply: null, flags: { rework_cycle: 0 } }) as unknown as Ticket

function writing(blank: boolean) {
  const [shown, isBlank] = [shallowRef(ticket(1)), ref(blank)]
  const made = effectScope().run(() => useConflict(() => shown.value, () => isBlank.value))!
  return { shown, isBlank, ...made }
}

it('who has written nothing goes along with what others change', async () => {
  const { shown, conflict, accept } = writing(true)
  shown.value = ticket(2, 'on_hold')
  await nextTick()
  expect(conflict.value).toBe(false)
  expect(accept().version).toBe(2)
})

it('who writes is shown a change, and submits on top of it', async () => {
  const { shown, seen, conflict, accept } = writing(false)
  shown.value = ticket(2, 'on_hold')
  await nextTick()
  expect(conflict.value).toBe(true)
  expect(seen.value.version).toBe(1)
  expect(accept().version).toBe(2)
  expect(conflict.value).toBe(false)
})

it('what changes nothing that is decided is taken over without a word', async () => {
  const { shown, conflict, accept } = writing(false)
  shown.value = ticket(4)
  await nextTick()
  expect(conflict.value).toBe(false)
  expect(accept().version).toBe(4)
})

it('a refused write is a conflict until it is submitted again, also before the newest ticket is known', () => {
  const { conflict, refuse, learn, accept } = writing(true)
  refuse()
  expect(conflict.value).toBe(true)
  learn(ticket(3))
  expect(conflict.value).toBe(true)
  expect(accept().version).toBe(3)
  expect(conflict.value).toBe(false)
})

it('another ticket begins anew', async () => {
  const { shown, conflict, seen } = writing(false)
  shown.value = ticket(7, 'closed', 't2')
  await nextTick()
  expect(conflict.value).toBe(false)
  expect(seen.value.id).toBe('t2')
})
