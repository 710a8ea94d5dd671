import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/approvals',
    name: 'approvals',
    component: () => import('./ApprovalsPage.vue'),
    meta: {
      title: 'desks.approvals.title',
      roles: ['department_leader'],
      nav: { label: 'desks.approvals.nav', icon: 'check-check', order: 42, go: 'p', counts: ['to_approve'] },
    },
  },
] satisfies RouteRecordRaw[]
