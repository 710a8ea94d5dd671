import { defineStore } from 'pinia'
import { ref } from 'vue'

export interface Toast {
  id: number
  text: string
  tone: 'done' | 'failed'
  /** How to take it back, for eight seconds. */
  undo?: () => void | Promise<void>
  endsAt: number
}

const shownFor = 5_000
const undoFor = 8_000

/** What was just done, said once. */
export const useToasts = defineStore('toasts', () => {
  const items = ref<Toast[]>([])
  let next = 1

  function drop(id: number): void {
    items.value = items.value.filter((toast) => toast.id !== id)
  }

  function say(text: string, options: { tone?: Toast['tone']; undo?: Toast['undo'] } = {}): void {
    const lasts = options.undo ? undoFor : shownFor
    const toast: Toast = { id: next, text, tone: options.tone ?? 'done', undo: options.undo, endsAt: Date.now() + lasts }
    next += 1
    items.value = [...items.value.slice(-2), toast]
    window.setTimeout(() => drop(toast.id), lasts)
  }

  async function undoLast(): Promise<void> {
    const last = items.value.findLast((toast) => toast.undo !== undefined)
    if (last === undefined) return
    drop(last.id)
    await last.undo?.()
  }

  return { items, say, drop, undoLast }
})
