import { h } from '../dom'
import { t } from '../i18n'
import { promisedSoon } from '../time'
import type { Category } from './public_form'

/** The time limit beside a category. */
export function limitOf({ solution_by }: Category, now: Date, zone?: string): string {
  return solution_by ? t('limit.due', { when: promisedSoon(solution_by, now, zone) }) : ''
}

interface Line {
  when?: string
  what: string
}

/** What follows if it is sent now; lines without a time where the daemon promises none. */
export function promiseLines(category: Category | undefined, now: Date, zone: string | undefined, byEmail: boolean): Line[] {
  const at = (due: string | undefined) => due && promisedSoon(due, now, zone)
  return [
    { when: at(category?.first_answer_by), what: t('promise.first_answer') },
    { what: t('promise.accept') },
    { when: at(category?.solution_by), what: t('promise.solution') },
    { what: t(byEmail ? 'promise.callback_mail' : 'promise.callback') },
  ]
}

export function renderPromise(to: HTMLElement, lines: readonly Line[]): void {
  const timed = lines.some((line) => line.when)
  to.replaceChildren(
    h('b', {}, t(timed ? 'promise.title' : 'promise.title_untimed')),
    h(
      'ol',
      { class: timed ? 'timed' : '' },
      ...lines.map(({ when, what }) => h('li', {}, timed && h('time', {}, when ?? t('promise.then')), h('span', {}, what))),
    ),
  )
}
