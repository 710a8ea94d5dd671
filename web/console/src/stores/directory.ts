import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { api } from '@/api/client'
import type { Configuration, Department, Names, User } from '@/api/types'
import { useSettings } from './settings'

/** Names of people, departments and codes: loaded once, shown everywhere. */
export const useDirectory = defineStore('directory', () => {
  const settings = useSettings()
  const users = shallowRef(new Map<string, User>())
  const departments = shallowRef(new Map<string, Department>())
  const configuration = shallowRef<Configuration | null>(null)
  const loaded = ref(false)

  async function allUsers(): Promise<User[]> {
    const found: User[] = []
    let cursor: string | null = null
    do {
      const page: { items: User[]; next_cursor: string | null } = await api.get('/api/v1/users', {
        query: { limit: 200, ...(cursor === null ? {} : { cursor }) },
      })
      found.push(...page.items)
      cursor = page.next_cursor
    } while (cursor !== null)
    return found
  }

  async function load(): Promise<void> {
    const [people, units, rules] = await Promise.all([
      allUsers(),
      api.get('/api/v1/departments'),
      api.get('/api/v1/configuration'),
    ])
    users.value = new Map(people.map((user) => [user.id, user]))
    departments.value = new Map(units.items.map((unit) => [unit.id, unit]))
    configuration.value = rules
    loaded.value = true
  }

  function inLanguage(names: Names | null | undefined): string {
    if (!names) return ''
    return names[settings.language] ?? names['zh-CN'] ?? Object.values(names)[0] ?? ''
  }

  function userName(id: string | null | undefined): string {
    return (id && users.value.get(id)?.display_name) || ''
  }

  function departmentName(id: string | null | undefined): string {
    return (id && inLanguage(departments.value.get(id)?.name)) || ''
  }

  const categories = computed(() => configuration.value?.categories ?? [])

  function categoryName(code: string): string {
    return inLanguage(categories.value.find((category) => category.code === code)?.name) || code
  }

  function calendarName(code: string): string {
    return inLanguage(configuration.value?.calendars.find((calendar) => calendar.name === code)?.title) || code
  }

  function reasons(of: string) {
    return configuration.value?.reasons[of] ?? []
  }

  /** A reason code or a root cause in words, of whatever it is the reason. */
  /** What the house calls it; empty where that is not a code of the house but one of the rules, such as a step of a deadline. */
  function knownCode(code: string | null | undefined): string {
    const all = [...Object.values(configuration.value?.reasons ?? {}).flat(), ...(configuration.value?.root_causes ?? [])]
    return inLanguage(all.find((each) => each.code === code)?.name)
  }

  const codeName = (code: string | null | undefined) => knownCode(code) || (code ?? '')

  const activeDepartments = computed(() => [...departments.value.values()].filter((unit) => unit.active))
  const activeUsers = computed(() => [...users.value.values()].filter((user) => user.active))

  return {
    loaded,
    users,
    departments,
    configuration,
    categories,
    activeDepartments,
    activeUsers,
    load,
    inLanguage,
    userName,
    departmentName,
    categoryName,
    calendarName,
    reasons,
    codeName,
    knownCode,
  }
})
