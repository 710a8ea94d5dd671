import { onBeforeUnmount, shallowReactive } from 'vue'
import type { MessageKey } from '@/i18n'
import { useSettings } from '@/stores/settings'

export type ShortcutGroup = 'everywhere' | 'list' | 'ticket' | 'reply' | 'page'

export interface Shortcut {
  /** `k`, `shift+x`, `mod+k` (Ctrl or Cmd), `alt+1`, or two strokes: `g t`. */
  keys: string
  label: MessageKey | (() => string)
  group: ShortcutGroup
  run: (event: KeyboardEvent) => void
  /** Only then it acts and is listed. */
  when?: () => boolean
}

/** All that act now, for the sheet; the latest registered wins. */
export const shortcuts = shallowReactive<Shortcut[]>([])

const secondStrokeWithin = 1_000
let firstStroke: { key: string; at: number } | null = null

/** The stroke in our notation, or null for one that is no shortcut of anyone's. */
export function strokeOf(event: KeyboardEvent): string | null {
  if (['Control', 'Shift', 'Alt', 'Meta', 'Dead', 'Process', 'Unidentified'].includes(event.key)) return null
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const letter = /^[a-z]$/.test(name)
  const parts = []
  if (event.ctrlKey || event.metaKey) parts.push('mod')
  if (event.altKey) parts.push('alt')
  if (event.shiftKey && (letter || event.key.length > 1)) parts.push('shift')
  return [...parts, name].join('+')
}

export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio]), textarea, select'))
}

function isModalOpen(): boolean {
  return document.querySelector('[aria-modal=true]') !== null
}

const isSingle = (stroke: string) => !/^(mod|alt)\+/.test(stroke) && !/^F\d/.test(stroke)

export interface Circumstances {
  singleKeysOn: boolean
  writing: boolean
  dialogOpen: boolean
}

/** Whether a stroke may act at all where the user is now. */
export function mayAct(stroke: string, now: Circumstances): boolean {
  if (now.dialogOpen) return false
  return !isSingle(stroke) || (now.singleKeysOn && !now.writing)
}

function active(keys: string): Shortcut | undefined {
  return shortcuts.findLast((each) => each.keys === keys && (each.when?.() ?? true))
}

function onKeydown(event: KeyboardEvent): void {
  if (event.defaultPrevented || isComposing(event)) return
  const stroke = strokeOf(event)
  if (stroke === null) return
  const now = { singleKeysOn: useSettings().singleKeys, writing: isWriting(event.target), dialogOpen: isModalOpen() }
  if (!mayAct(stroke, now)) return
  const two = firstStroke !== null && event.timeStamp - firstStroke.at < secondStrokeWithin ? active(`${firstStroke.key} ${stroke}`) : undefined
  firstStroke = null
  const found = two ?? active(stroke)
  if (found !== undefined) {
    if (event.repeat && !['j', 'k'].includes(stroke)) return
    event.preventDefault()
    found.run(event)
  } else if (shortcuts.some((each) => each.keys.startsWith(`${stroke} `))) {
    firstStroke = { key: stroke, at: event.timeStamp }
  }
}

window.addEventListener('keydown', onKeydown)

/** Shortcuts for as long as the component is there. */
export function useShortcuts(own: Shortcut[]): void {
  shortcuts.push(...own)
  onBeforeUnmount(() => {
    for (const each of own) shortcuts.splice(shortcuts.indexOf(each), 1)
  })
}

const isMac = /Mac|iPhone|iPad/.test(navigator.platform)
const shown: Record<string, string> = {
  mod: isMac ? '⌘' : 'Ctrl', shift: 'Shift', alt: isMac ? '⌥' : 'Alt', Enter: 'Enter', Escape: 'Esc', ArrowUp: '↑', ArrowDown: '↓',
}

/** Keys as they stand on the keyboard, one cap each. */
export function keyCaps(keys: string): string[] {
  return keys.split(/[ +]/).map((key) => shown[key] ?? (key.length === 1 ? key.toUpperCase() : key))
}
