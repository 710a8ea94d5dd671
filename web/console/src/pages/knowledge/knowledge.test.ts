import { expect, test } from 'vitest'
import { halves, inputOf, inserted, wordsIn, writtenOf } from './knowledge'

test('only languages with words are sent, and one with half of them is named', () => {
  const written = writtenOf(null, 'UTC')
  written.words['zh-CN'] = { title: ' 停刊 ', body: '正文\n' }
  written.words.en.title = 'No issue'
  expect(halves(written)).toEqual({ begun: ['zh-CN', 'en'], half: ['en'] })
  written.words.en.title = ''
  expect(inputOf(written, 'article', 'UTC')).toEqual({ words: { 'zh-CN': { title: '停刊', body: '正文\n' } }, categories: [], effective_from: null, effective_until: null })
})

test('only a notice says whom it is for', () => {
  const written = { ...writtenOf(null, 'Asia/Shanghai'), roles: ['agent' as const], mustAcknowledge: true, until: '2026-02-24T08:00' }
  expect(inputOf(written, 'notice', 'Asia/Shanghai')).toMatchObject({ roles: ['agent'], departments: [], must_acknowledge: true, effective_until: '2026-02-24T00:00:00.000Z' })
  expect(inputOf(written, 'canonical_answer', 'Asia/Shanghai')).not.toHaveProperty('roles')
})

test('a reader gets his language, else one that there is', () => {
  expect(wordsIn({ en: 'e', 'zh-CN': 'z' }, 'zh-TW')).toBe('z')
  expect(wordsIn({ en: 'e' }, 'zh-TW')).toBe('e')
})

test('a text goes where the cursor is', () => {
  expect(inserted('您好，。', 3, 3, '{number}')).toEqual({ text: '您好，{number}。', cursor: 11 })
})
