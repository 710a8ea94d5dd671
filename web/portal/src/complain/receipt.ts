import type { ParkedReceipt } from '../api'
import { focusHeading, h, icon, need } from '../dom'
import { t } from '../i18n'
import { promised } from '../time'
import { promiseLines } from './promise'
import type { Sent } from './send'

export type Registered = Extract<Sent, { kind: 'registered' }>
export type Shown = Registered | { kind: 'parked'; receipt: ParkedReceipt }

interface Setting {
  zone?: string
  byEmail: boolean
  again: () => void
}

/** The number as it is read out: the day, a breath, the serial. */
function breaths(number: string): HTMLElement {
  const parts = number.split('-')
  return h(
    'p',
    { class: 'number num', id: 'number' },
    ...parts.flatMap((part, index) => [index > 0 && '-', h('span', {}, part)]),
  )
}

function copyButton(url: string): HTMLElement {
  const status = h('span', { role: 'status', class: 'hint' })
  const copy = () => {
    navigator.clipboard.writeText(url).then(
      () => status.replaceChildren(icon('check', 's'), t('receipt.copied')),
      () => status.replaceChildren(),
    )
  }
  const button =
    'clipboard' in navigator && h('button', { type: 'button', class: 'quiet', onclick: copy }, icon('copy'), t('receipt.copy'))
  return h('div', { class: 'copy' }, h('span', { class: 'num url' }, url), button, status)
}

function registered(shown: Registered, { zone, byEmail, again }: Setting): Node[] {
  const { number, tracking_url, due_at } = shown.receipt
  const contact = t(byEmail ? 'receipt.email' : 'receipt.phone')
  const next = [
    due_at ? t('receipt.next_due', { when: promised(due_at, shown.at, zone) }) : t('receipt.next_read'),
    t('receipt.next_work'),
    t('receipt.next_call'),
  ]
  const notes = { none: undefined, added: t('receipt.earlier'), left: t('receipt.earlier_only') }
  const note = notes[shown.changes]
  return [
    h('p', { class: 'label' }, t('receipt.number')),
    breaths(number),
    h('p', { class: 'lead' }, t('receipt.keep', { contact })),
    ...(note ? [h('p', { class: 'notice' }, note)] : []),
    copyButton(new URL(tracking_url, location.origin).href),
    h(
      'section',
      { class: 'promise', 'aria-labelledby': 'next' },
      h('h2', { id: 'next' }, t('receipt.next')),
      h('ol', {}, ...next.map((line) => h('li', {}, line))),
    ),
    h('a', { class: 'pbtn', href: `/track/${encodeURIComponent(number)}` }, t('receipt.follow')),
    h('button', { type: 'button', class: 'pbtn line', onclick: again }, t('receipt.again')),
  ]
}

function parked(receipt: ParkedReceipt, { byEmail, again }: Setting): Node[] {
  const steps = promiseLines(undefined, new Date(), undefined, byEmail)
  return [
    h('p', { class: 'lead' }, t('receipt.parked')),
    h('p', { class: 'label' }, t('receipt.parked_number')),
    h('p', { class: 'num' }, receipt.receipt),
    h(
      'section',
      { class: 'promise', 'aria-labelledby': 'next' },
      h('h2', { id: 'next' }, t('receipt.next')),
      h('ol', {}, ...steps.map(({ what }) => h('li', {}, what))),
    ),
    h('button', { type: 'button', class: 'pbtn line', onclick: again }, t('receipt.again')),
  ]
}

export function renderReceipt(shown: Shown, setting: Setting, takeFocus: boolean): void {
  const heading = h('h1', {}, t('receipt.title'))
  const body = shown.kind === 'registered' ? registered(shown, setting) : parked(shown.receipt, setting)
  need('#receipt', HTMLElement).replaceChildren(heading, ...body)
  if (takeFocus) focusHeading(heading)
}
