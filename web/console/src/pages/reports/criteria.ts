import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { LocationQueryRaw } from 'vue-router'
import { serverClock } from '@/composables/serverClock'
import { useTimes } from '@/composables/times'
import { useSession } from '@/stores/session'
import { isPeriod, periodOf } from './period'
import type { Period } from './period'

const narrowing = ['department_id', 'category', 'channel', 'priority', 'person_id'] as const
export type Narrowing = (typeof narrowing)[number]

/** What a report is about. It stands in the address, so it can be sent to somebody. */
export function useCriteria() {
  const route = useRoute()
  const router = useRouter()
  const session = useSession()
  const times = useTimes()

  const today = computed(() => times.dayKey(serverClock.now()))
  const text = (name: string) => {
    const value = route.query[name]
    return typeof value === 'string' ? value : ''
  }

  const period = computed<Period>(() => {
    const asked = { from: text('from'), to: text('to') }
    return isPeriod(asked) ? asked : periodOf('last7', today.value)
  })

  const narrowed = computed(() => {
    const found: Partial<Record<Narrowing, string>> = {}
    for (const name of narrowing) if (text(name) !== '') found[name] = text(name)
    return found
  })

  /** For each call: the days, in the user's zone, and what they are narrowed to. */
  const query = computed(() => ({ ...period.value, tz: session.zone, ...narrowed.value }))

  function set(changes: LocationQueryRaw): void {
    const next: LocationQueryRaw = { ...route.query, ...changes }
    for (const [name, value] of Object.entries(next)) if (value === '' || value === undefined) delete next[name]
    void router.replace({ query: next })
  }

  return { today, period, narrowed, query, text, set }
}
