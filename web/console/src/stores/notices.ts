import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api } from '@/api/client'
import type { Notice } from '@/api/types'

/** The bell's inbox: the newest page, and more on demand. */
export const useNotices = defineStore('notices', () => {
  const items = ref<Notice[]>([])
  const next = ref<string | null>(null)
  const failed = ref(false)

  const unread = computed(() => items.value.filter((notice) => notice.read_at === null).length)

  async function load(): Promise<void> {
    try {
      const page = await api.get('/api/v1/notices', { query: { limit: 50 } })
      items.value = page.items
      next.value = page.next_cursor
      failed.value = false
    } catch {
      failed.value = true
    }
  }

  async function more(): Promise<void> {
    if (next.value === null) return
    const page = await api.get('/api/v1/notices', { query: { limit: 50, cursor: next.value } })
    items.value = [...items.value, ...page.items]
    next.value = page.next_cursor
  }

  async function read(notice: Notice): Promise<void> {
    if (notice.read_at !== null) return
    const before = items.value
    const at = new Date().toISOString()
    items.value = before.map((each) => (each.id === notice.id ? { ...each, read_at: at } : each))
    try {
      await api.post('/api/v1/notices/{id}/reading', { path: { id: notice.id } })
    } catch (thrown) {
      items.value = before
      throw thrown
    }
  }

  return { items, next, failed, unread, load, more, read }
})
