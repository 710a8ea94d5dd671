// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import { isComposing, mayAct, strokeOf } from './keyboard'

const press = (key: string, more: KeyboardEventInit = {}) => new KeyboardEvent('keydown', { key, ...more })
const free = { singleKeysOn: true, writing: false, dialogOpen: false }

describe('a stroke', () => {
  it.each([
    [press('j'), 'j'],
    [press('J', { shiftKey: true }), 'shift+j'],
    [press('?', { shiftKey: true }), '?'],
    [press('k', { ctrlKey: true }), 'mod+k'],
    [press('k', { metaKey: true }), 'mod+k'],
    [press('1', { altKey: true }), 'alt+1'],
    [press('Enter', { ctrlKey: true }), 'mod+Enter'],
    [press('F2'), 'F2'],
    [press('Shift', { shiftKey: true }), null],
    [press('Process'), null],
  ])('%#', (event, stroke) => expect(strokeOf(event)).toBe(stroke))
})

describe('where the user is', () => {
  it('lets single keys act only outside of fields, and not where they are turned off', () => {
    expect(mayAct('a', free)).toBe(true)
    expect(mayAct('a', { ...free, writing: true })).toBe(false)
    expect(mayAct('a', { ...free, singleKeysOn: false })).toBe(false)
    expect(mayAct('mod+k', { ...free, writing: true, singleKeysOn: false })).toBe(true)
  })
  it('lets nothing act below an open dialog', () => {
    expect(mayAct('mod+k', { ...free, dialogOpen: true })).toBe(false)
  })
})

describe('composing', () => {
  it('is told by either sign', () => {
    expect(isComposing(press('a', { isComposing: true }))).toBe(true)
    expect(isComposing(press('a', { keyCode: 229 } as KeyboardEventInit))).toBe(true)
    expect(isComposing(press('a'))).toBe(false)
  })
})
