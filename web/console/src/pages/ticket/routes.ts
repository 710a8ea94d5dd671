import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/tickets/:id',
    name: 'ticket',
    component: () => import('./TicketPage.vue'),
    meta: {
      title: 'frame.nav.tickets',
      roles: ['agent', 'complaint_officer', 'department_handler', 'department_leader', 'supervisor', 'quality', 'auditor'],
      under: 'tickets',
    },
  },
] satisfies RouteRecordRaw[]
