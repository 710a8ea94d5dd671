import { expect, it } from 'vitest'
import { around, fill, matchLanguage, preferredLanguage } from '../src/i18n'

it.each([
  ['zh-TW', 'zh-TW'],
  ['zh-Hant-HK', 'zh-TW'],
  ['zh-HK', 'zh-TW'],
  ['zh', 'zh-CN'],
  ['zh-Hans-SG', 'zh-CN'],
  ['en-GB', 'en'],
  ['fr', undefined],
])('%s reads %s', (tag, language) => expect(matchLanguage(tag)).toBe(language))

it('takes what was asked, then what was kept, then what the browser wants', () => {
  expect(preferredLanguage('en', 'zh-TW', ['zh-CN'])).toBe('en')
  expect(preferredLanguage('xx', 'zh-TW', ['zh-CN'])).toBe('zh-TW')
  expect(preferredLanguage(null, null, ['fr', 'zh-Hant'])).toBe('zh-TW')
  expect(preferredLanguage(null, null, ['fr'])).toBe('en')
})

it('fills slots and chooses the plural', () => {
  expect(fill('{a}和{b}和{a}', { a: 1, b: 'x' })).toBe('1和x和1')
  expect(fill('{n} day|{n} days', { n: 1 })).toBe('1 day')
  expect(fill('{n} day|{n} days', { n: 3 })).toBe('3 days')
  expect(fill('{unknown}')).toBe('{unknown}')
  expect(around('call {phone}, please', 'phone')).toEqual(['call ', ', please'])
})
