import { join } from 'node:path'
import { chineseIn, keysAskedFor, simplifiedIn } from '@shared/messageChecks'
import { describe, expect, it } from 'vitest'
import en from '../src/locales/en'
import zhCN from '../src/locales/zh-CN'
import zhTW from '../src/locales/zh-TW'

const slotsOf = (message: string) => [...new Set(message.match(/\{\w+\}/g))].sort()

describe.each([
  ['zh-TW', zhTW],
  ['en', en],
])('%s', (_language, messages: Record<string, string>) => {
  it('has the messages of zh-CN, none of them empty', () => {
    expect(Object.keys(messages).sort()).toEqual(Object.keys(zhCN).sort())
    expect(Object.entries(messages).filter(([, words]) => !words.trim())).toEqual([])
  })

  it('has the same slots in each', () => {
    for (const [key, words] of Object.entries(zhCN)) expect(slotsOf(messages[key] ?? ''), key).toEqual(slotsOf(words))
  })
})

it('keeps the words of the house away from customers', () => {
  for (const words of [...Object.values(zhCN), ...Object.values(zhTW)]) expect(words).not.toMatch(/签收|工单|派单|回单|簽收|工單|派單|回覆單/)
})

it('says nothing that no page asks for', () => {
  const { plain, patterns } = keysAskedFor(join(import.meta.dirname, '..'))
  const asked = [...patterns.values()]
  expect(Object.keys(zhCN).filter((key) => !plain.has(key) && !asked.some((pattern) => pattern.test(key)))).toEqual([])
})

it('zh-TW is written as in Taiwan', () => expect(simplifiedIn(new Map(Object.entries(zhTW)))).toEqual([]))
it('en has no Chinese left in it', () => expect(chineseIn(new Map(Object.entries(en)))).toEqual([]))
