import { defineStore } from 'pinia'
import { ref } from 'vue'
import { api } from '@/api/client'
import type { TicketCounts } from '@/api/types'
import { useSession } from './session'
import { useStream } from './stream'

const atMostEach = 450

/** How many tickets each view holds for the user, kept up to date while somebody looks. */
export const useTicketCounts = defineStore('ticketCounts', () => {
  const counts = ref<TicketCounts | null>(null)
  /** How long each who looks may wait for a change, in milliseconds. */
  const looking = new Set<{ waits: number }>()
  let loadedAt = 0
  let timer: number | undefined
  let loading: Promise<void> | null = null

  async function load(): Promise<void> {
    loadedAt = Date.now()
    try {
      counts.value = await api.get('/api/v1/ticket_counts', { query: { tz: useSession().zone } })
    } catch {
      counts.value = null
    }
    loading = null
  }

  function soon(waits: number): void {
    timer ??= window.setTimeout(() => {
      timer = undefined
      loading = load()
    }, Math.max(0, loadedAt + waits - Date.now()))
  }

  /** Returns how to end it. */
  function follow(waits = atMostEach): () => void {
    const looker = { waits }
    looking.add(looker)
    // What was loaded a moment ago, or is on its way, serves the next who looks as well.
    if (Date.now() - loadedAt > atMostEach) loading ??= load()
    const unfollow = useStream().follow((frame) => frame.kind.startsWith('ticket.'), () => soon(Math.min(...[...looking].map((each) => each.waits))))
    const minute = window.setInterval(() => soon(waits), 60_000)
    return () => {
      looking.delete(looker)
      unfollow()
      window.clearInterval(minute)
      if (looking.size > 0) return
      window.clearTimeout(timer)
      timer = undefined
      counts.value = null
      loadedAt = 0
    }
  }

  return { counts, follow }
})
