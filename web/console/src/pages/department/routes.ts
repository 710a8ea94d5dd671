import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/department',
    name: 'department',
    component: () => import('./DepartmentPage.vue'),
    meta: {
      title: 'department.title',
      roles: ['department_handler', 'department_leader'],
      nav: { label: 'frame.nav.department', icon: 'building-2', order: 40, go: 'd', counts: ['to_sign'] },
    },
  },
] satisfies RouteRecordRaw[]
