import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { IconName } from '@shared/generated/icon-name'

export interface Command {
  id: string
  text: string
  detail?: string
  icon: IconName
  keys?: string
  run: () => void
}

export interface CommandGroup {
  title: string
  commands: Command[]
}

/** What the page that is open offers in the palette, before all else. */
export const useCommands = defineStore('commands', () => {
  const groups = shallowReactive(new Map<symbol, () => CommandGroup>())

  function offer(group: () => CommandGroup): () => void {
    const id = Symbol('commands')
    groups.set(id, group)
    return () => groups.delete(id)
  }

  return { groups, offer }
})
