import type { RouteRecordRaw } from 'vue-router'
import type { Role } from '@/api/types'
import { useSession } from '@/stores/session'

const administrators: Role[] = ['administrator']
const overseers: Role[] = ['administrator', 'auditor']
const desk: Role[] = ['administrator', 'complaint_officer', 'supervisor', 'quality', 'auditor']

export default [
  {
    path: '/settings',
    name: 'settings',
    redirect: () => ({ name: useSession().has(...overseers) ? 'settings-users' : 'settings-parked' }),
    meta: { roles: desk, nav: { label: 'frame.nav.settings', icon: 'settings', order: 100, atEnd: true } },
  },
  { path: '/settings/users', name: 'settings-users', component: () => import('./UsersPage.vue'), meta: { title: 'admin.users.title', roles: overseers, under: 'settings' } },
  { path: '/settings/departments', name: 'settings-departments', component: () => import('./DepartmentsPage.vue'), meta: { title: 'admin.departments.title', roles: overseers, under: 'settings' } },
  { path: '/settings/categories/:code?', name: 'settings-categories', component: () => import('./rules/CategoryPage.vue'), meta: { title: 'rules.categories.title', roles: desk, under: 'settings' } },
  { path: '/settings/calendars', name: 'settings-calendars', component: () => import('./rules/CalendarsPage.vue'), meta: { title: 'rules.calendars.title', roles: desk, under: 'settings' } },
  { path: '/settings/rules', name: 'settings-rules', component: () => import('./RulesPage.vue'), meta: { title: 'admin.rules.title', roles: desk, under: 'settings' } },
  { path: '/settings/packs', name: 'settings-packs', component: () => import('./rules/PacksPage.vue'), meta: { title: 'rules.packs.title', roles: desk, under: 'settings' } },
  { path: '/settings/tokens', name: 'settings-tokens', component: () => import('./TokensPage.vue'), meta: { title: 'admin.tokens.title', roles: administrators, under: 'settings' } },
  { path: '/settings/webhooks', name: 'settings-webhooks', component: () => import('./WebhooksPage.vue'), meta: { title: 'admin.webhooks.title', roles: administrators, under: 'settings' } },
  { path: '/settings/dead-letters', name: 'settings-dead-letters', component: () => import('./DeadLettersPage.vue'), meta: { title: 'admin.dead.title', roles: administrators, under: 'settings' } },
  { path: '/settings/parked', name: 'settings-parked', component: () => import('./ParkedPage.vue'), meta: { title: 'admin.parked.title', roles: desk, under: 'settings' } },
  { path: '/settings/audit', name: 'settings-audit', component: () => import('./AuditPage.vue'), meta: { title: 'admin.audit.title', roles: overseers, under: 'settings' } },
  { path: '/settings/journal', name: 'settings-journal', component: () => import('./JournalPage.vue'), meta: { title: 'admin.journal.title', roles: overseers, under: 'settings' } },
] satisfies RouteRecordRaw[]
