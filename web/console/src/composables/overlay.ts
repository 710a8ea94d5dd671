import { onBeforeUnmount, onMounted } from 'vue'
import type { Ref } from 'vue'
import { isComposing } from './keyboard'

const focusable = 'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex="0"]'

export function firstField(within: HTMLElement): HTMLElement | null {
  return (
    within.querySelector<HTMLElement>('[data-autofocus], input:not([type=hidden]):not([disabled]), textarea:not([disabled])') ??
    within.querySelector<HTMLElement>(focusable)
  )
}

/** A modal layer: takes the focus, keeps it, closes with Escape, and gives the focus back to its opener. */
export function useModal(layer: Readonly<Ref<HTMLElement | null>>, close: () => void): void {
  const opener = document.activeElement instanceof HTMLElement ? document.activeElement : null

  function onKeydown(event: KeyboardEvent): void {
    if (isComposing(event) || layer.value === null) return
    if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      close()
    } else if (event.key === 'Tab') {
      const stops = [...layer.value.querySelectorAll<HTMLElement>(focusable)].filter((each) => each.offsetParent !== null)
      const last = stops.at(-1)
      const leaving = event.shiftKey ? stops[0] : last
      if (leaving !== undefined && document.activeElement !== leaving && layer.value.contains(document.activeElement)) return
      event.preventDefault()
      ;(event.shiftKey ? last : stops[0])?.focus()
    }
  }

  onMounted(() => {
    if (layer.value === null) return
    layer.value.addEventListener('keydown', onKeydown)
    ;(firstField(layer.value) ?? layer.value).focus()
  })
  onBeforeUnmount(() => opener?.focus())
}

/** A pop-over: closes with Escape and with a press outside of it. */
export function usePopover(box: Readonly<Ref<HTMLElement | null>>, close: () => void): void {
  function onPress(event: Event): void {
    if (box.value !== null && event.target instanceof Node && !box.value.contains(event.target)) close()
  }
  function onKeydown(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || isComposing(event)) return
    event.preventDefault()
    close()
  }
  onMounted(() => {
    document.addEventListener('pointerdown', onPress, true)
    document.addEventListener('keydown', onKeydown, true)
  })
  onBeforeUnmount(() => {
    document.removeEventListener('pointerdown', onPress, true)
    document.removeEventListener('keydown', onKeydown, true)
  })
}
