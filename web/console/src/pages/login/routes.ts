import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/log-in',
    name: 'log-in',
    component: () => import('./LogInPage.vue'),
    meta: { bare: true, title: 'frame.login.title' },
  },
] satisfies RouteRecordRaw[]
