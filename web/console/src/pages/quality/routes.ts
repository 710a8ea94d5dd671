import type { RouteRecordRaw } from 'vue-router'
import type { Role } from '@/api/types'
import { useSession } from '@/stores/session'

const watchers: Role[] = ['supervisor', 'quality', 'auditor']
const readers: Role[] = [...watchers, 'complaint_officer', 'department_leader']

export default [
  {
    path: '/quality',
    name: 'quality',
    redirect: () => ({ name: useSession().has(...watchers) ? 'suspicions' : 'problems' }),
    meta: { roles: readers, nav: { label: 'quality.title', icon: 'shield-check', order: 55 } },
  },
  { path: '/quality/suspicions', name: 'suspicions', component: () => import('./SuspicionsPage.vue'), meta: { title: 'quality.suspicions.title', roles: watchers, under: 'quality' } },
  { path: '/quality/problems', name: 'problems', component: () => import('./ProblemsPage.vue'), meta: { title: 'quality.problems.title', roles: readers, under: 'quality' } },
] satisfies RouteRecordRaw[]
