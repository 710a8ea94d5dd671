import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/customers',
    name: 'customers',
    component: () => import('./CustomerSearchPage.vue'),
    meta: {
      title: 'customer.searchTitle',
      roles: ['agent', 'complaint_officer', 'supervisor', 'quality', 'auditor'],
      nav: { label: 'frame.nav.customers', icon: 'users', order: 60, go: 'u' },
    },
  },
  {
    path: '/customers/:id',
    name: 'customer',
    component: () => import('./CustomerPage.vue'),
    meta: {
      title: 'customer.title',
      roles: ['agent', 'complaint_officer', 'department_handler', 'department_leader', 'supervisor', 'quality', 'auditor', 'administrator'],
      under: 'customers',
    },
  },
] satisfies RouteRecordRaw[]
