import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chineseIn, keysAskedFor, simplifiedIn } from '@shared/messageChecks'
import { describe, expect, it } from 'vitest'
import en from './en'
import zhCN from './zh-CN'
import zhTW from './zh-TW'

function leaves(tree: object, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of Object.entries(tree)) {
    const at = path === '' ? name : `${path}.${name}`
    if (typeof value === 'string') found.set(at, value)
    else for (const [key, text] of leaves(value as object, at)) found.set(key, text)
  }
  return found
}

const slots = (text: string) => [...new Set([...text.matchAll(/\{([a-z]\w*)\}/gi)].map((match) => match[1]))].sort()

describe.each([['zh-TW', zhTW], ['en', en]] as const)('%s', (_, messages) => {
  const ours = leaves(zhCN)
  const theirs = leaves(messages)

  it('has the messages of zh-CN, no more and no fewer', () => {
    expect([...theirs.keys()].sort()).toEqual([...ours.keys()].sort())
  })

  it('fills the same slots', () => {
    for (const [key, text] of ours) expect({ key, slots: slots(theirs.get(key) ?? '').filter((slot) => slot !== 'n') }).toEqual({ key, slots: slots(text).filter((slot) => slot !== 'n') })
  })
})

it.each([['zh-CN', zhCN], ['zh-TW', zhTW], ['en', en]] as const)('%s has no empty message', (_, messages) => {
  expect([...leaves(messages)].filter(([, text]) => text.trim() === '')).toEqual([])
})

describe('what the pages say', () => {
  const messages = leaves(zhCN)
  const { plain, patterns } = keysAskedFor(join(import.meta.dirname, '..'))

  it('is nothing that nobody asks for', () => {
    const asked = [...patterns.values()]
    expect([...messages.keys()].filter((key) => !plain.has(key) && !asked.some((pattern) => pattern.test(key)))).toEqual([])
  })

  it('is there for each key that is put together', () => {
    const areas = new Set(Object.keys(zhCN))
    const ours = [...patterns].filter(([text]) => areas.has(text.split('.')[0] ?? ''))
    expect(ours.filter(([, pattern]) => ![...messages.keys()].some((key) => pattern.test(key))).map(([text]) => text)).toEqual([])
  })

  it('has a sentence for each refusal of the server', () => {
    const yaml = readFileSync(join(import.meta.dirname, '../../../../docs/openapi.yaml'), 'utf8')
    const codes = /^ {4}ProblemCode:[\s\S]*?enum:\s*\[([^\]]+)\]/m.exec(yaml)?.[1]?.split(',').map((code) => code.trim()) ?? []
    expect(codes.length).toBeGreaterThan(50)
    expect(codes.filter((code) => !messages.has(`problem.${code}`))).toEqual([])
  })
})

it('zh-TW is written as in Taiwan', () => expect(simplifiedIn(leaves(zhTW))).toEqual([]))
it('en has no Chinese left in it', () => expect(chineseIn(leaves(en))).toEqual([]))
