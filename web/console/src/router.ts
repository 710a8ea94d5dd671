import { nextTick } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import type { RouteRecordRaw } from 'vue-router'
import type { IconName } from '@shared/generated/icon-name'
import type { Role, TicketView } from './api/types'
import { t } from './i18n'
import type { MessageKey } from './i18n'
import { useSession } from './stores/session'
import { useToasts } from './stores/toasts'

declare module 'vue-router' {
  interface RouteMeta {
    /** Outside the frame: no rail, no top bar. */
    bare?: boolean
    /** Who may open it; everybody where it is missing. */
    roles?: readonly Role[]
    title?: MessageKey
    /** Its place in the left navigation. */
    nav?: {
      label: MessageKey
      icon: IconName
      order: number
      atEnd?: boolean
      go?: string
      /** Beside it stands how many tickets these views hold. */
      counts?: readonly TicketView[]
    }
    /** Which entry of the left navigation is lit while it is open; its own name without it. */
    under?: string
  }
}

// Each area brings its pages by itself: src/pages/<area>/routes.ts.
const areas = import.meta.glob<RouteRecordRaw[]>('./pages/*/routes.ts', { eager: true, import: 'default' })

export const router = createRouter({
  history: createWebHistory('/'),
  routes: [
    ...Object.values(areas).flat(),
    { path: '/', name: 'home', redirect: () => ({ name: homeOf() }) },
    { path: '/:unknown(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue'), meta: { title: 'frame.notFound.title' } },
  ],
})

function mayOpen(roles: readonly Role[] | undefined): boolean {
  return roles === undefined || useSession().has(...roles)
}

/** What the left navigation offers this user, in its order. */
export function navigation() {
  return router
    .getRoutes()
    .filter((route) => route.meta.nav !== undefined && mayOpen(route.meta.roles))
    .sort((a, b) => (a.meta.nav?.order ?? 0) - (b.meta.nav?.order ?? 0))
}

function homeOf(): string {
  const first = navigation().find((route) => route.name === 'tickets') ?? navigation()[0]
  return String(first?.name ?? 'not-found')
}

router.beforeEach(async (to) => {
  const session = useSession()
  try {
    await session.recall()
  } catch {
    return to.name === 'log-in' ? true : { name: 'log-in', query: { then: to.fullPath, unanswered: '1' } }
  }
  if (to.name === 'log-in') return session.user === null ? true : { name: 'home' }
  if (session.user === null) return { name: 'log-in', query: to.fullPath === '/' ? {} : { then: to.fullPath } }
  if (!mayOpen(to.meta.roles)) return { name: 'not-found', params: { unknown: to.path.slice(1).split('/') } }
  return true
})

const reloadedKey = 'huiyin.reloaded'
const onceIn = 30_000

// The part that a page needs did not come: the line is dead, or the server has a newer console. Then all is loaded anew.
router.onError(async (error, to) => {
  if (!/import|preload/i.test(String(error))) return
  const answers = await fetch('/healthz', { cache: 'no-store' }).then((answer) => answer.ok, () => false)
  if (answers && Date.now() - Number(sessionStorage.getItem(reloadedKey)) > onceIn) {
    sessionStorage.setItem(reloadedKey, String(Date.now()))
    location.assign(to.fullPath)
  } else useToasts().say(t('common.state.errorTitle', { what: t(to.meta.title ?? 'common.product') }), { tone: 'failed' })
})

router.afterEach((to, from) => {
  if (to.meta.title) document.title = t('common.pageTitle', { page: t(to.meta.title) })
  if (to.path === from.path) return
  void nextTick(() => {
    const heading = document.querySelector<HTMLElement>('main h1')
    heading?.setAttribute('tabindex', '-1')
    heading?.focus({ preventScroll: true })
  })
})
