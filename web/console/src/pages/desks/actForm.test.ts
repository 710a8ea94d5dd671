// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, nextTick, shallowRef } from 'vue'
import type { Ticket } from '@/api/types'
import { useActForm } from './actForm'
import { actOf } from './acts'
import type { ActName } from './acts'

const sent: unknown[] = []
vi.mock('@/api/client', () => ({
  freshKey: () => 'key',
  api: {
    get: async () => ({ items: [] }),
    put: async () => undefined,
    delete: async () => undefined,
    post: async (path: string, call: { version: number; body: unknown }) => {
      sent.push([path, call.version, call.body])
      return { ticket_id: 't1', event: 'ticket.solution_approved' }
    },
  },
}))

const contact = (id: string) => ({ how: 'call', reached: true, interaction_id: id, at: '2026-02-26T06:00:00Z', by: 'u' })
const ticket = (version: number, ...contacts: string[]) =>
  ({
    id: 't1', version, status: 'executing', type: 'complaint', priority: 'P2', category: 'c', department_id: null, handler_id: null, problem: '', desired_solution: null, solutions: [],
    reply: null, contacts: contacts.map(contact), flags: { rework_cycle: 0, breached: [] },
  }) as unknown as Ticket

function open(name: ActName, shown = shallowRef(ticket(1))) {
  let form!: ReturnType<typeof useActForm>
  const page = mount(defineComponent({
    setup() {
      form = useActForm(() => shown.value, () => actOf(name))
      return () => null
    },
  }))
  return { form, shown, close: () => page.unmount() }
}

beforeEach(() => {
  localStorage.clear()
  sent.length = 0
  setActivePinia(createPinia())
})

it('what was written on one page stands in the same act’s form on another', async () => {
  const desk = open('rejections')
  desk.form.values.value['comment'] = '先补齐缺报'
  await nextTick()
  desk.close()
  const page = open('rejections')
  await nextTick()
  expect(page.form.values.value['comment']).toBe('先补齐缺报')
  expect(open('approvals').form.values.value['comment']).toBe('')
  page.close()
})

it('where nothing is written the form offers what the ticket says now, else it is left alone', async () => {
  const { form, shown } = open('completion')
  shown.value = ticket(2, 'i1')
  await nextTick()
  expect(form.values.value['interaction_id']).toBe('i1')
  expect(form.isBlank.value).toBe(true)
  form.values.value['result'] = '已补送'
  shown.value = ticket(3, 'i1', 'i2')
  await nextTick()
  expect(form.values.value).toMatchObject({ result: '已补送', interaction_id: 'i1' })
  expect(form.isBlank.value).toBe(false)
})

it('sends nothing before all is filled in, then the same words for the act that decides otherwise', async () => {
  const { form } = open('approvals')
  expect(await form.send(undefined, actOf('rejections'))).toBeNull()
  expect([...form.wrong.value]).toEqual(['comment'])
  expect(sent).toEqual([])
  form.values.value['comment'] = ' 费用太高 '
  expect(await form.send(undefined, actOf('rejections'))).not.toBeNull()
  expect(sent).toEqual([['/api/v1/tickets/{id}/rejections', 1, { comment: '费用太高' }]])
  expect(form.isBlank.value).toBe(true)
})
