import { expect, it } from 'vitest'
import { profileOf, tagsIn, tagsWrong } from './profile'

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
