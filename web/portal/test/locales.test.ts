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
