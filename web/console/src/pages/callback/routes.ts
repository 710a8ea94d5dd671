import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/callback',
    name: 'callback',
    component: () => import('./CallbackPage.vue'),
    meta: {
      title: 'callback.title',
      roles: ['agent', 'complaint_officer', 'supervisor'],
      nav: { label: 'frame.nav.callback', icon: 'phone-outgoing', order: 30, go: 'c', counts: ['callback'] },
    },
  },
] satisfies RouteRecordRaw[]
