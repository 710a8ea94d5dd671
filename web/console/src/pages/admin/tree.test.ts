import { expect, it } from 'vitest'
import { asTree, withBelow } from './tree'

const units = [
  { id: 'east', parent_id: 'main' }, { id: 'house', parent_id: null }, { id: 'main', parent_id: 'house' }, { id: 'lost', parent_id: 'gone' },
]
const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id)

it('puts each below its own, and what lost its parent at the top', () => {
  expect(asTree(units, byId).map(({ item, depth }) => `${depth}${item.id}`)).toEqual(['0house', '1main', '2east', '0lost'])
})

it('keeps a department from standing below itself', () => {
  expect([...withBelow(units, 'main')].sort()).toEqual(['east', 'main'])
})
