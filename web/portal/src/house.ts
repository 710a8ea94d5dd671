import type { House } from './complain/public_form'
import { append, h } from './dom'
import { around, nameOf, t, type MessageKey, type Slots } from './i18n'

/** The house's name in the head; the page's own word where the house gave none. */
export function renderHouse(house: House): void {
  const place = document.querySelector('#house')
  if (place && house.name) place.textContent = nameOf(house.name)
}

function phoneLink(phone: string): HTMLElement {
  return h('a', { class: 'num', href: `tel:${phone.replace(/[^\d+]/g, '')}` }, phone)
}

/** A sentence around the house's number; nothing where it has none. */
export function renderPhone(to: HTMLElement, house: House, key: MessageKey, slots: Slots = {}): void {
  to.hidden = !house.phone
  if (!house.phone) return
  const [before, after] = around(t(key, slots), 'phone')
  to.replaceChildren()
  append(to, before, phoneLink(house.phone), after)
}
