import type { RouteRecordRaw } from 'vue-router'
import type { Role } from '@/api/types'

const readers: Role[] = ['supervisor', 'department_leader', 'quality', 'auditor']

export default [
  {
    path: '/reports',
    name: 'reports',
    component: () => import('./ReportsPage.vue'),
    meta: { title: 'reports.title', roles: readers, nav: { label: 'frame.nav.reports', icon: 'list-checks', order: 85 } },
  },
  { path: '/reports/scorecards', name: 'scorecards', component: () => import('./ScorecardsPage.vue'), meta: { title: 'reports.cards.title', roles: readers, under: 'reports' } },
  { path: '/reports/tickets', name: 'counted-tickets', component: () => import('./CountedTicketsPage.vue'), meta: { title: 'reports.rows.title', roles: readers, under: 'reports' } },
] satisfies RouteRecordRaw[]
