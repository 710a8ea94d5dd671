import { defineStore } from 'pinia'
import { ref } from 'vue'

/** The list that a ticket was opened from: for the way back and to the tickets beside it. */
export const useNeighbours = defineStore('neighbours', () => {
  const ids = ref<string[]>([])
  const label = ref('')
  const address = ref('/tickets')

  function remember(listed: string[], title: string, from: string): void {
    ids.value = listed
    label.value = title
    address.value = from
  }

  return { ids, label, address, remember }
})
