import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api } from '@/api/client'
import { ApiError, asApiError } from '@/api/problem'
import type { Role, User } from '@/api/types'

/** Who is logged in. */
export const useSession = defineStore('session', () => {
  const user = ref<User | null>(null)
  const asked = ref(false)

  const zone = computed(() => user.value?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone)

  function has(...roles: Role[]): boolean {
    return user.value?.roles.some((role) => roles.includes(role)) ?? false
  }

  function leads(department: string | null): boolean {
    return user.value?.departments.some((each) => each.department_id === department && each.position === 'leader') ?? false
  }

  /** Asks once who the cookie belongs to. Throws where that cannot be told. */
  async function recall(): Promise<void> {
    if (asked.value) return
    try {
      user.value = await api.get('/api/v1/me')
    } catch (thrown) {
      const failure = asApiError(thrown)
      if (!(failure instanceof ApiError) || failure.problem?.status !== 401) throw failure
      user.value = null
    }
    asked.value = true
  }

  async function logIn(login: string, password: string): Promise<void> {
    const answer = await api.post('/api/v1/session', { body: { login, password } })
    user.value = answer.user
    asked.value = true
  }

  async function logOut(): Promise<void> {
    await api.delete('/api/v1/session')
    user.value = null
  }

  function expired(): void {
    user.value = null
  }

  return { user, zone, has, leads, recall, logIn, logOut, expired }
})
