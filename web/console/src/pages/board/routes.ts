import type { RouteRecordRaw } from 'vue-router'
import type { Role } from '@/api/types'

const readers: Role[] = ['supervisor', 'department_leader', 'quality', 'auditor']

export default [
  {
    path: '/board',
    name: 'board',
    component: () => import('./BoardPage.vue'),
    meta: { title: 'board.title', roles: readers, nav: { label: 'frame.nav.board', icon: 'layout-dashboard', order: 80, go: 'b' } },
  },
  { path: '/board/wall', name: 'board-wall', component: () => import('./WallPage.vue'), meta: { title: 'board.title', roles: readers, bare: true } },
  { path: '/board/tickets', name: 'board-tickets', component: () => import('./OpenTicketsPage.vue'), meta: { title: 'board.rows.title', roles: readers, under: 'board' } },
] satisfies RouteRecordRaw[]
