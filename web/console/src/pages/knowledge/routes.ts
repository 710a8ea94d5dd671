import type { RouteRecordRaw } from 'vue-router'
import type { Role } from '@/api/types'

const readers: Role[] = ['agent', 'complaint_officer', 'department_handler', 'department_leader', 'supervisor', 'quality', 'auditor']
const staff: Role[] = [...readers, 'administrator']

export default [
  {
    path: '/knowledge/:id?',
    name: 'knowledge',
    component: () => import('./ArticlesPage.vue'),
    meta: { title: 'knowledge.articles.title', roles: readers, nav: { label: 'frame.nav.knowledge', icon: 'book-open', order: 70, go: 'k' } },
  },
  { path: '/notices/:id?', name: 'knowledge-notices', component: () => import('./NoticesPage.vue'), meta: { title: 'knowledge.notices.title', roles: readers, under: 'knowledge' } },
  { path: '/canned-replies', name: 'canned-replies', component: () => import('./CannedRepliesPage.vue'), meta: { title: 'knowledge.canned.title', roles: staff, under: 'knowledge' } },
  { path: '/cases/:id?', name: 'cases', component: () => import('./CaseLibraryPage.vue'), meta: { title: 'knowledge.title', roles: readers, under: 'knowledge' } },
] satisfies RouteRecordRaw[]
