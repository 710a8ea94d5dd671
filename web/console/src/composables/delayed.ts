import { onBeforeUnmount, ref, watch } from 'vue'
import type { Ref, WatchSource } from 'vue'

/** True once `source` has been true for so long: what is quick shows no waiting at all. */
export function useDelayed(source: WatchSource<boolean>, after = 200): Ref<boolean> {
  const late = ref(false)
  let timer: number | undefined
  watch(
    source,
    (on) => {
      window.clearTimeout(timer)
      late.value = false
      if (on) timer = window.setTimeout(() => (late.value = true), after)
    },
    { immediate: true },
  )
  onBeforeUnmount(() => window.clearTimeout(timer))
  return late
}
