import { defineStore } from 'pinia'
import { ref } from 'vue'
import { api } from '@/api/client'
import type { TicketCounts } from '@/api/types'
import { useSession } from '@/stores/session'
import { useStream } from '@/stores/stream'

const atMostEach = 700

/** How many tickets each view holds for the user, kept up to date while somebody looks. */
export const useTicketCounts = defineStore('ticketCounts', () => {
  const counts = ref<TicketCounts | null>(null)
  let loadedAt = 0
  let timer: number | undefined

  async function load(): Promise<void> {
    loadedAt = Date.now()
    try {
      counts.value = await api.get('/api/v1/ticket_counts', { query: { tz: useSession().zone } })
    } catch {
      counts.value = null
    }
  }

  function soon(): void {
    timer ??= window.setTimeout(() => {
      timer = undefined
      void load()
    }, Math.max(0, loadedAt + atMostEach - Date.now()))
  }

  /** Returns how to end it. */
  function follow(): () => void {
    void load()
    const unfollow = useStream().follow((frame) => frame.kind.startsWith('ticket.'), soon)
    const minute = window.setInterval(soon, 60_000)
    return () => {
      unfollow()
      window.clearInterval(minute)
      window.clearTimeout(timer)
      timer = undefined
    }
  }

  return { counts, follow }
})
