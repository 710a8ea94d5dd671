import { computed, ref, shallowRef, watch } from 'vue'
import type { Ticket } from '@/api/types'
import { changesBetween } from './changes'

/**
 * What somebody who writes about a ticket knows of it. What others change meanwhile is his only once he has been shown it:
 * until he submits on top of it, his writes carry the version that he has seen.
 */
export function useConflict(ticket: () => Ticket, isBlank: () => boolean) {
  const seen = shallowRef(ticket())
  const now = shallowRef(ticket())
  const refused = ref(false)
  const conflict = computed(() => refused.value || changesBetween(seen.value, now.value).length > 0)

  function learn(latest: Ticket): void {
    if (latest.id !== seen.value.id) {
      seen.value = now.value = latest
      refused.value = false
    } else if (latest.version >= now.value.version) now.value = latest
    if (!refused.value && (isBlank() || !conflict.value)) seen.value = now.value
  }

  watch([ticket, isBlank], ([latest]) => learn(latest))

  /** The ticket to submit on: the newest that is known, for he has been shown it. */
  function accept(): Ticket {
    seen.value = now.value
    refused.value = false
    return seen.value
  }

  return { seen, now, conflict, learn, accept, refuse: () => (refused.value = true) }
}
