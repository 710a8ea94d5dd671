import { expect, it } from 'vitest'
import { edited, overtaken, profileOf, tagsIn, tagsWrong } from './profile'

it.each([
  ['老订户，听力不好', ['老订户', '听力不好']],
  [' a, b ;a、c\n', ['a', 'b', 'c']],
  ['，,', []],
  ['large print', ['large print']],
])('reads the tags of %j', (line, tags) => {
  expect(tagsIn(line)).toEqual(tags)
})

it('shows tags so that they read the same', () => {
  const tags = ['老订户', 'large print']
  expect(tagsIn(profileOf({ name: '', tags, note: '' }).tags)).toEqual(tags)
})

it('says beforehand what the daemon would refuse', () => {
  expect(tagsWrong(Array.from({ length: 20 }, (_, at) => String(at)))).toBeNull()
  expect(tagsWrong(Array.from({ length: 21 }, (_, at) => String(at)))).toBe('customer.edit.tooMany')
  expect(tagsWrong(['长'.repeat(40)])).toBeNull()
  expect(tagsWrong(['长'.repeat(41)])).toBe('customer.edit.tooLong')
})

it('keeps over which text something was written, until it is again what it was', () => {
  const now = { name: '王芳', tags: '', note: '早上打' }
  const once = edited({}, now, 'note', '晚上打')
  expect(once).toEqual({ note: { from: '早上打', to: '晚上打' } })
  expect(edited(once, now, 'note', '晚上七点打')).toEqual({ note: { from: '早上打', to: '晚上七点打' } })
  expect(edited(once, now, 'note', '早上打')).toEqual({})
})

it('says where somebody else wrote something else over the same text', () => {
  const edits = { note: { from: '早上打', to: '晚上打' }, name: { from: '王芳', to: '汪芳' } }
  const now = { name: '王芳', tags: '急', note: '早上打' }
  expect(overtaken(edits, now)).toEqual([])
  expect(overtaken(edits, { ...now, note: '中午打' })).toEqual(['note'])
  expect(overtaken(edits, { ...now, note: '晚上打' })).toEqual([])
})
