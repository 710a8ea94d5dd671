import { defineStore } from 'pinia'
import { reactive } from 'vue'

export interface Badge {
  count: number
  tone?: 'over'
}

/** The counts on the left navigation, by the name of the route they stand at. */
export const useBadges = defineStore('badges', () => {
  const shown = reactive<Record<string, Badge | undefined>>({})
  return { shown }
})
