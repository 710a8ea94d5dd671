import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/officer',
    name: 'officer',
    component: () => import('./OfficerPage.vue'),
    meta: {
      title: 'officer.title',
      roles: ['complaint_officer', 'supervisor'],
      nav: { label: 'frame.nav.officer', icon: 'list-checks', order: 45, go: 'o', counts: ['to_judge', 'to_review'] },
    },
  },
] satisfies RouteRecordRaw[]
