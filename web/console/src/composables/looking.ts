import { onBeforeUnmount, watch } from 'vue'
import { useStream } from '@/stores/stream'

/** Whoever has the same ticket before him sees, while this page shows it, that its user does too. */
export function useLooking(ticket: () => string | null): void {
  const stream = useStream()
  let mine: string | null = null
  watch(
    ticket,
    (id) => {
      mine = id
      stream.lookAt(id)
    },
    { immediate: true },
  )
  onBeforeUnmount(() => {
    if (mine !== null && stream.look?.ticket === mine) stream.lookAt(null)
  })
}
