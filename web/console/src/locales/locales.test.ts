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
