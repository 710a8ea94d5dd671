import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/supervision',
    name: 'supervision',
    component: () => import('./SupervisionPage.vue'),
    meta: {
      title: 'supervision.title',
      roles: ['supervisor'],
      nav: { label: 'frame.nav.supervision', icon: 'siren', order: 50, go: 'v', counts: ['supervised'] },
    },
  },
] satisfies RouteRecordRaw[]
