import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/new',
    name: 'registration',
    component: () => import('./RegistrationPage.vue'),
    meta: { title: 'registration.title', roles: ['agent', 'complaint_officer', 'supervisor'], under: 'tickets' },
  },
] satisfies RouteRecordRaw[]
