import { defineStore } from 'pinia'
import { api } from '@/api/client'

const listHolds = 10_000

/** Which drafts the user has on the server, so that only those are asked for. */
export const useDrafts = defineStore('drafts', () => {
  let keys: Promise<Set<string>> | null = null
  let askedAt = 0

  function all(): Promise<Set<string>> {
    if (keys === null || Date.now() - askedAt > listHolds) {
      askedAt = Date.now()
      keys = api.get('/api/v1/drafts').then(
        (list) => new Set(list.items.map((each) => each.key)),
        () => new Set<string>(),
      )
    }
    return keys
  }

  /** The draft's text and when it was kept; null where there is none. */
  async function find(key: string): Promise<{ body: string; at: number } | null> {
    if (!(await all()).has(key)) return null
    const kept = await api.get('/api/v1/drafts/{key}', { path: { key } }).catch(() => null)
    return kept === null ? null : { body: kept.body, at: Date.parse(kept.changed_at) }
  }

  async function keep(key: string, body: string): Promise<void> {
    await api.put('/api/v1/drafts/{key}', { path: { key }, body: { body } })
    if (keys !== null) (await keys).add(key)
  }

  async function drop(key: string): Promise<void> {
    if (keys !== null && !(await keys).delete(key)) return
    await api.delete('/api/v1/drafts/{key}', { path: { key } })
  }

  /** Somebody else uses this page now. */
  function forget(): void {
    keys = null
  }

  return { find, keep, drop, forget }
})
