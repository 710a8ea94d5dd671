import { expect, test } from 'vitest'
import { addable, changeOf, editedCategories, faultsOf, rebase, valuesOf, withAdded, withEdit } from './rules'
import type { NewCategory, Rules, RulesCategory } from './rules'

const target = (kind: string, says: string) => ({ kind, says, amount: 1, unit: 'hours', calendar: null })
const category = (says: string, field: string | null = null) =>
  ({
    code: 'missed_copy', priority: 'P2', department: { field, values: [], otherwise: 'east' }, approval_from: null, open_to_public: true,
    limits: { max_returns: 2, max_promise_days: 30, max_extensions: 1, max_extension: target('', '2wd'), max_holds: 3 }, targets: [target('resolve', says)],
  }) as unknown as RulesCategory
const rules = (says: string, field?: string) => ({ version: 6, categories: [category(says, field)] }) as unknown as Rules

test('a value that is again what it was is no edit', () => {
  const once = withEdit({}, 'missed_copy.priority', 'P2', 'P1')
  const twice = withEdit(once, 'missed_copy.priority', 'P2', 'P3')
  expect(twice).toEqual({ 'missed_copy.priority': { before: 'P2', after: 'P3' } })
  expect(withEdit(twice, 'missed_copy.priority', 'P2', 'P2')).toEqual({})
  expect([...editedCategories(twice)]).toEqual(['missed_copy'])
})

test('edits become one entry for each category', () => {
  const edits = {
    'missed_copy.targets.resolve': { before: '5wd office', after: '3wd office' },
    'missed_copy.limits.max_returns': { before: '2', after: '1' },
    'missed_copy.limits.max_holds': { before: '3', after: 'x' },
    'missed_copy.approval_from': { before: 'group', after: '' },
    'missed_copy.department': { before: 'east', after: 'west' },
  }
  const entry = { code: 'missed_copy', targets: { resolve: '3wd office' }, limits: { max_returns: 1, max_holds: 'x' }, approval_from: null }
  expect(changeOf(edits, rules('5wd office'))).toEqual({ categories: [{ ...entry, department: 'west' }] })
  expect(changeOf(edits, rules('5wd office', 'district'))).toEqual({ categories: [{ ...entry, department: { otherwise: 'west' } }] })
  expect(changeOf({}, rules('5wd office'))).toEqual({})
})

test('on a newer version edits stay, and those that two people made are named', () => {
  const edits = { 'missed_copy.targets.resolve': { before: '5wd office', after: '3wd office' }, 'missed_copy.priority': { before: 'P3', after: 'P2' }, 'gone.priority': { before: 'P1', after: 'P2' } }
  expect(rebase(edits, rules('5wd office'))).toEqual({ edits: { 'missed_copy.targets.resolve': { before: '5wd office', after: '3wd office' } }, both: [] })
  expect(rebase(edits, rules('4wd office'))).toEqual({ edits: { 'missed_copy.targets.resolve': { before: '4wd office', after: '3wd office' } }, both: ['missed_copy.targets.resolve'] })
})

test('a new category is whole, like the one it began with, with the edits on it', () => {
  const like = {
    ...category('5wd office', 'district'), name: { en: 'Missed' }, type: 'complaint', observers: [], presumed_valid: false, direct_authority_cents: 500, resolve_from_created: false,
    callback_sample_percent: 100, system_may_close: false, evidence: null, targets_by_department: [],
  } as RulesCategory
  const now = { version: 6, categories: [like] } as unknown as Rules
  const added: NewCategory[] = [{ code: 'wet', name: { en: 'Wet' }, like: 'missed_copy' }, { code: 'missed_copy', name: {}, like: 'missed_copy' }, { code: 'x', name: {}, like: 'gone' }]
  expect(addable(now, added).map(({ code }) => code)).toEqual(['wet'])
  const rules = withAdded(now, added)
  expect(rules.categories.map(({ code }) => code)).toEqual(['missed_copy', 'wet'])
  const edits = { 'wet.priority': { before: 'P2', after: 'P1' }, 'wet.department': { before: 'east', after: 'west' }, 'wet.targets.resolve': { before: '5wd office', after: '1wd office' } }
  expect(changeOf(edits, rules, addable(now, added))).toEqual({
    categories: [{
      code: 'wet', name: { en: 'Wet' }, type: 'complaint', priority: 'P1', open_to_public: true, department: { field: 'district', values: {}, otherwise: 'west' }, direct: { authority_cents: 500 },
      limits: { max_returns: 2, max_promise: '30d', max_extensions: 1, max_extension: '2wd', max_holds: 3 }, targets: { resolve: '1wd office' },
    }],
  })
})

test('what is wrong finds its field', () => {
  const wrong = [{ field: 'change.categories.missed_copy.targets.resolve', reason: 'no' }, { field: 'categories.other.priority', reason: 'x' }]
  expect(faultsOf(wrong, 'missed_copy')).toEqual({ 'targets.resolve': 'no' })
  expect(valuesOf(category('5wd office'))['targets.resolve']).toBe('5wd office')
})
