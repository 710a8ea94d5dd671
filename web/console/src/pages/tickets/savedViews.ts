import { shallowRef } from 'vue'
import { api } from '@/api/client'
import type { SavedView, TicketFilter } from '@/api/types'

/** Views that people keep: the user's own and those shared with him. */
export function useSavedViews() {
  const saved = shallowRef<SavedView[]>([])

  async function load(): Promise<void> {
    saved.value = (await api.get('/api/v1/views')).items
  }

  async function save(name: string, filter: TicketFilter, shared: SavedView['shared']): Promise<SavedView> {
    const made = await api.post('/api/v1/views', { body: { name, filter, shared } })
    saved.value = [...saved.value, made]
    return made
  }

  async function remove(view: SavedView): Promise<void> {
    await api.delete('/api/v1/views/{id}', { path: { id: view.id }, version: view.version })
    saved.value = saved.value.filter((each) => each.id !== view.id)
  }

  return { saved, load, save, remove }
}
