import { defineStore } from 'pinia'
import { ref } from 'vue'
import { api } from '@/api/client'
import type { components } from '@/api/schema'

export type PresenceState = components['schemas']['PresenceInput']['state']
export const presenceStates: readonly PresenceState[] = ['available', 'busy', 'away']

/** Whether the user takes work now, as the server has it: it ends with his session. */
export const usePresence = defineStore('presence', () => {
  const state = ref<PresenceState | null>(null)

  async function load(): Promise<void> {
    const said = await api.get('/api/v1/me/presence').catch(() => null)
    state.value = said?.state ?? null
  }

  async function say(wanted: PresenceState): Promise<void> {
    const said = await api.put('/api/v1/me/presence', { body: { state: wanted } })
    state.value = said.state
  }

  return { state, load, say }
})
