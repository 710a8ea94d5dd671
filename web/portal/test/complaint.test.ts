import { describe, expect, it } from 'vitest'
import { check, complaintOf, findingsOf, nothing, readEntries, requestBody, type Entries } from '../src/complain/complaint'
import { pauseAfter, readDraft } from '../src/complain/draft'
import { bytesLimit, photoFault, photosLimit } from '../src/complain/photos'
import { readForm, type FormField } from '../src/complain/public_form'

const entries: Entries = {
  ...nothing, category: 'missed_copy', problem: ' 今天早上又没有\n《晨报》 ', phone: ' 136 0217 5580 ', name: '高女士',
  fields: { 'fields.district': 'east', 'fields.street': '花园路', object: '《晨报》', occurred_at: '2026-02-26T07:00' },
}
const fieldOf = (code: string, place: FormField['place'], kind: FormField['kind']): FormField => ({
  code, place, kind, name: { en: code }, required: false, values: [],
})
const asked = [fieldOf('district', 'fields', 'choice'), fieldOf('object', 'complaint', 'text'), fieldOf('occurred_at', 'complaint', 'time')]

describe('complaintOf', () => {
  it('keeps the words unaltered and leaves out what was not said', () => {
    expect(complaintOf(entries, asked)).toEqual({
      contact: { name: '高女士', phone: '136 0217 5580', email: undefined },
      category: 'missed_copy', problem: ' 今天早上又没有\n《晨报》 ', desired_solution: undefined, fields: { district: 'east' },
      object: '《晨报》', occurred_at: new Date('2026-02-26T07:00').toISOString(),
    })
  })

  it('gives no name where none is to be given, and marks the trap', () => {
    const made = complaintOf({ ...entries, unnamed: true, trap: 'http://spam' }, [])
    expect(made.contact.name).toBeUndefined()
    expect(made.fields).toEqual({ trap_filled: true })
  })
})

describe('requestBody', () => {
  const files = [new File(['abc'], 'a "b"\r\n.jpg', { type: 'image/jpeg' })]

  it('is plain JSON without files', () => {
    expect(requestBody('{}', [], 'k').type).toBe('application/json')
  })

  it('gives the same bytes under the same key', async () => {
    const [one, two] = [requestBody('{"x":1}', files, 'k1'), requestBody('{"x":1}', files, 'k1')]
    expect(await one.text()).toBe(await two.text())
    expect(one.type).toBe('multipart/form-data; boundary=huiyin-k1')
  })

  it('lets no file name break out of its line', async () => {
    const text = await requestBody('{"x":1}', files, 'k1').text()
    expect(text).toContain('filename="a %22b%22%0D%0A.jpg"\r\nContent-Type: image/jpeg\r\n\r\nabc\r\n--huiyin-k1--\r\n')
    expect(text).toContain('name="complaint"\r\nContent-Type: application/json\r\n\r\n{"x":1}\r\n')
  })
})

describe('what is wrong', () => {
  it('is found before sending', () => {
    expect(check({ ...nothing }, true, false, ['fields.district']).map(({ field }) => field)).toEqual([
      'category', 'fields.district', 'problem', 'phone',
    ])
    expect(check(entries, true, false, ['fields.district'])).toEqual([])
    expect(check({ ...entries, problem: '字'.repeat(10_001) }, true, false, [])).toEqual([{ field: 'problem', fault: 'too_long' }])
  })

  it('is put to its field when the daemon finds it', () => {
    expect(
      findingsOf(
        [
          { field: 'contact.phone', reason: 'invalid' },
          { field: 'desired_solution', reason: 'too_long' },
          { field: 'contact', reason: 'required' },
          { field: 'fields.street', reason: 'unknown' },
          { field: '', reason: 'invalid' },
        ],
        true,
      ),
    ).toEqual([
      { field: 'phone', fault: 'phone' },
      { field: 'wish', fault: 'too_long' },
      { field: 'email', fault: 'contact_required' },
      { field: 'fields.street', fault: 'invalid' },
    ])
  })
})

describe('the draft', () => {
  it('is read with care', () => {
    expect(readDraft(undefined)).toBeUndefined()
    expect(readDraft({ key: 'with space' })).toBeUndefined()
    expect(readEntries({ problem: 3, fields: { a: 1, b: 'x' }, trap: 'x' })).toEqual({ ...nothing, fields: { a: '', b: 'x' } })
    const draft = { key: 'k', entries, byEmail: true, waiting: true, attempt: { complaint: '{}', files: 2 } }
    expect(readDraft(JSON.parse(JSON.stringify(draft)))).toEqual(draft)
    expect(readDraft({ ...draft, attempt: undefined })?.waiting).toBe(false)
  })

  it('waits longer after each failure, and as long as it is told', () => {
    expect([1, 2, 3, 4, 9].map((failures) => pauseAfter(failures, 0))).toEqual([5_000, 15_000, 30_000, 60_000, 60_000])
    expect(pauseAfter(1, 40)).toBe(40_000)
  })
})

it('photos have their limits', () => {
  expect(photoFault(Array<number>(photosLimit).fill(10))).toBeUndefined()
  expect(photoFault(Array<number>(photosLimit + 1).fill(10))).toBe('many')
  expect(photoFault([bytesLimit, 1])).toBe('large')
})

it('the public form is read as far as it can be', () => {
  const district = {
    code: 'district', place: 'fields', kind: 'choice', required: true, label: { en: 'District' }, max_length: null,
    values: [{ code: 'east', name: { en: 'East' } }, {}],
  }
  const category = {
    code: 'missed_copy', name: { 'zh-CN': '漏投错投', fr: 'x' }, confidential: false, first_answer_by: null,
    solution_by: '2026-02-27T04:00:00Z',
    fields: [{ ...district, code: 'problem', place: 'complaint' }, district, { ...district, kind: 'hologram' }],
  }
  const body = { title: { en: 'Press' }, time_zone: 'Mars/Base', categories: [category, { code: 'nameless' }, null] }
  expect(readForm(body)).toEqual({
    house: { name: { en: 'Press' }, phone: undefined, phone_hours: undefined },
    time_zone: undefined,
    categories: [
      {
        code: 'missed_copy', name: { 'zh-CN': '漏投错投' }, confidential: false, first_answer_by: undefined,
        solution_by: '2026-02-27T04:00:00Z',
        fields: [
          {
            code: 'district', place: 'fields', kind: 'choice', name: { en: 'District' }, required: true, max_length: undefined,
            values: [{ code: 'east', name: { en: 'East' } }],
          },
        ],
      },
    ],
  })
  expect(readForm('gone').categories).toEqual([])
})
