import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'

/** How many places differ between what is shown and what should be. */
export function changesBetween(shown: readonly string[], wanted: readonly string[]): number {
  const [before, now] = [new Set(shown), new Set(wanted)]
  const come = wanted.filter((id) => !before.has(id))
  const stayed = shown.filter((id) => now.has(id))
  const moved = wanted.filter((id) => before.has(id)).some((id, at) => stayed[at] !== id)
  return come.length + (shown.length - stayed.length) + (moved ? 1 : 0)
}

/** A list whose order does not change under the pointer. */
export function useCalmList<T>(items: Readonly<Ref<readonly T[]>>, idOf: (item: T) => string): {
  list: ComputedRef<{ id: string; item: T; gone: boolean }[]>
  waiting: Ref<number>
  hold: () => void
  release: () => void
} {
  const held = ref(false)
  const waiting = ref(0)
  const order = shallowRef<string[]>([])
  const known = new Map<string, T>()

  function follow(): void {
    const wanted = items.value.map(idOf)
    for (const item of items.value) known.set(idOf(item), item)
    if (held.value) {
      waiting.value = changesBetween(order.value, wanted)
    } else {
      order.value = wanted
      waiting.value = 0
      for (const id of known.keys()) if (!wanted.includes(id)) known.delete(id)
    }
  }

  watch(items, follow, { immediate: true })

  const list = computed(() => {
    const current = new Map(items.value.map((item) => [idOf(item), item]))
    return order.value.flatMap((id) => {
      const item = current.get(id) ?? known.get(id)
      return item === undefined ? [] : [{ id, item, gone: !current.has(id) }]
    })
  })

  function release(): void {
    held.value = false
    follow()
  }

  return { list, waiting, hold: () => (held.value = true), release }
}
