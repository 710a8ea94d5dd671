import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/knowledge/:id?',
    name: 'knowledge',
    component: () => import('./CaseLibraryPage.vue'),
    meta: {
      title: 'knowledge.title',
      roles: ['agent', 'complaint_officer', 'department_handler', 'department_leader', 'supervisor', 'quality', 'auditor'],
      nav: { label: 'frame.nav.knowledge', icon: 'book-open', order: 70 },
    },
  },
] satisfies RouteRecordRaw[]
