import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/tickets',
    name: 'tickets',
    component: () => import('./TicketListPage.vue'),
    meta: {
      title: 'frame.nav.tickets',
      roles: ['agent', 'complaint_officer', 'department_handler', 'department_leader', 'supervisor', 'quality', 'auditor'],
      nav: { label: 'frame.nav.tickets', icon: 'inbox', order: 20, go: 't' },
    },
  },
] satisfies RouteRecordRaw[]
