import { computed } from 'vue'
import type { MessageKey } from '@/i18n'
import { useSession } from '@/stores/session'
import routes from './routes'

/** The settings that this user may open, in their order. */
export function useSettingsPages() {
  const session = useSession()
  return computed(() =>
    routes.flatMap((route) => ('component' in route && session.has(...route.meta.roles) ? [{ name: route.name, title: route.meta.title as MessageKey }] : [])),
  )
}
