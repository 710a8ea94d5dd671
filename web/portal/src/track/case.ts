import type { ActName, Answers, ActOutcome, Tracked } from '../api'
import type { House } from '../complain/public_form'
import type { Contact } from '../contact'
import { h, icon, type IconName } from '../dom'
import { renderPhone } from '../house'
import { nameOf, t } from '../i18n'
import { duration, happened, promised, promisedSoon, share } from '../time'
import { actPanel, errorWords, outcomeWords, Sender, type WordedAct } from './acts'
import { courseOf, type Course, type Step } from './steps'
import { blankVerdict, verdictForm, worksAgain } from './verdict'

export interface CaseView {
  number: string
  contact: Contact
  tracked: Tracked
  now: Date
  house: House
  zone?: string
}

/** What stays on the screen while the case is loaded anew: open panel, words, last answer. */
export class CasePage {
  private open: WordedAct | undefined
  private readonly words: Partial<Record<WordedAct, string>> = {}
  private readonly verdict = blankVerdict()
  private said: { words: string; quote?: string } | undefined
  private moreOpen = false
  private readonly senders = new Map<string, Sender>()
  private view: CaseView | undefined

  constructor(
    private readonly place: HTMLElement,
    private readonly actions: { reload: () => Promise<void>; forget: () => void },
  ) {}

  /** Whether somebody is writing, so that nothing moves under the hands. */
  get isBusy(): boolean {
    const { activeElement } = document
    return activeElement instanceof HTMLTextAreaElement || activeElement instanceof HTMLInputElement
  }

  render(view: CaseView): HTMLElement {
    this.view = view
    const course = courseOf(view.tracked.history)
    const heading = h('h1', {}, headline(view, course))
    const lead = leadOf(view, course)
    const asksVerdict = isOpen(view, 'verdict') && !course.withdrawing
    const category = view.tracked.category && nameOf(view.tracked.category.name)
    this.place.replaceChildren(
      h('p', { class: 'no' }, h('span', { class: 'num' }, view.number), category && h('span', {}, category)),
      heading,
      ...(lead ? [h('p', { class: 'lead' }, lead)] : []),
      ...this.answer(),
      ...nextPromise(view, course),
      ...(asksVerdict ? [this.verdictPart()] : []),
      stepList(view, course),
      ...this.acts(view),
      this.foot(view),
    )
    return heading
  }

  private sender(of: string, view: CaseView): Sender {
    const known = this.senders.get(of) ?? new Sender(view.number, () => this.view?.contact ?? view.contact)
    this.senders.set(of, known)
    return known
  }

  private answer(): Node[] {
    if (!this.said) return []
    const { words, quote } = this.said
    return [
      h('div', { class: 'notice', id: 'said', role: 'status', tabindex: -1 }, icon('check'), h('span', {}, words)),
      ...(quote ? [h('p', { class: 'said' }, quote)] : []),
    ]
  }

  private async done(words: string, quote?: string): Promise<void> {
    this.said = { words, quote }
    await this.actions.reload()
    document.getElementById('said')?.focus()
  }

  private verdictPart(): HTMLElement {
    return h(
      'section',
      { class: 'panel', 'aria-labelledby': 'verdict' },
      h('h2', { id: 'verdict' }, t('verdict.title')),
      h('p', { class: 'hint' }, t('verdict.lead')),
      verdictForm({ entries: this.verdict, submit: (answers, words) => this.giveVerdict(answers, words) }),
    )
  }

  private async giveVerdict(answers: Answers, words: string): Promise<string | undefined> {
    if (!this.view) return undefined
    const text = words.trim() ? { text: words } : {}
    const answer = await this.sender('verdict', this.view).send({ act: 'verdict', answers, ...text })
    if (!answer) return undefined
    if (!answer.ok) return errorWords(answer.refusal.code)
    const again = worksAgain(this.verdict)
    await this.done(outcomeWords(answer.body, again), words.trim() || undefined)
    return undefined
  }

  private toggle(act: WordedAct): void {
    this.open = this.open === act ? undefined : act
    if (this.view) this.render(this.view)
    if (this.open) document.getElementById('act-text')?.focus()
    else document.getElementById(`act-${act}`)?.focus()
  }

  private actButton(act: WordedAct, sign?: IconName, enabled = true): HTMLElement {
    return h(
      'button',
      {
        type: 'button', class: 'pbtn line', id: `act-${act}`, 'aria-expanded': String(this.open === act),
        disabled: !enabled, onclick: () => this.toggle(act),
      },
      sign && icon(sign),
      t(`acts.${act}`),
    )
  }

  private panel(view: CaseView, acts: readonly WordedAct[]): Node[] {
    const act = this.open
    if (!act || !acts.includes(act)) return []
    const form = actPanel({
      act,
      sender: this.sender(act, view),
      words: this.words[act] ?? '',
      write: (words) => (this.words[act] = words),
      close: () => this.toggle(act),
      done: (answer, words) => void this.acted(act, answer, words),
    })
    return [h('section', { class: 'panel', 'aria-label': t(`acts.${act}`) }, form)]
  }

  private async acted(act: WordedAct, answer: ActOutcome, words: string): Promise<void> {
    this.open = undefined
    delete this.words[act]
    await this.done(outcomeWords(answer), words.trim() || undefined)
  }

  private acts(view: CaseView): Node[] {
    if (view.tracked.stage === 'closed') {
      if (!isOpen(view, 'reopen')) return [h('a', { class: 'pbtn line', href: '/complain' }, t('proof.new'))]
      return [h('div', { class: 'pacts' }, this.actButton('reopen')), ...this.panel(view, ['reopen'])]
    }
    const urge = view.tracked.acts.find(({ act }) => act === 'urge')
    const again = urge && !urge.open ? urge.again_at : null
    const department = view.tracked.department && nameOf(view.tracked.department.name)
    const hint = again
      ? t('acts.urge_again', { when: promisedSoon(again, view.now, view.zone) })
      : department
        ? t('acts.urge_hint', { department })
        : t('acts.urge_hint_nobody')
    const main = (['added_word', 'urge'] as const).filter((act) => view.tracked.acts.some((each) => each.act === act))
    const more = (['dispute', 'withdrawal'] as const).filter((act) => isOpen(view, act))
    const rest = h(
      'details',
      { open: this.moreOpen || more.some((act) => act === this.open) },
      h('summary', {}, t('acts.more')),
      h('div', { class: 'pacts' }, ...more.map((act) => this.actButton(act))),
      ...this.panel(view, more),
    )
    rest.addEventListener('toggle', () => (this.moreOpen = rest.open))
    return [
      h('div', { class: 'pacts', role: 'group', 'aria-label': t('acts.label') }, ...main.map((act) => this.actButton(act, signs[act], isOpen(view, act)))),
      ...(urge ? [h('p', { class: 'hint' }, hint)] : []),
      ...this.panel(view, main),
      ...(more.length > 0 ? [rest] : []),
    ]
  }

  private foot(view: CaseView): HTMLElement {
    const phone = h('p', { class: 'alt' })
    renderPhone(phone, view.house, 'contact.phone', { last: view.number.slice(-4) })
    const other = h('p', { class: 'alt' }, h('button', { type: 'button', class: 'quiet', onclick: () => this.actions.forget() }, t('proof.forget')))
    return h('div', {}, phone, other)
  }
}

const signs = { added_word: 'pencil', urge: 'zap' } as const

const isOpen = ({ tracked }: CaseView, act: ActName) => tracked.acts.some((each) => each.act === act && each.open)

function headline({ tracked }: CaseView, course: Course): string {
  const department = tracked.department && nameOf(tracked.department.name)
  switch (tracked.stage) {
    case 'received': return t(course.again ? 'stage.received_again' : 'stage.received')
    case 'assigned': return department ? t('stage.assigned', { department }) : t('stage.assigned_nobody')
    case 'in_progress':
      if (course.round > 1) return t('stage.in_progress_again')
      return department ? t('stage.in_progress', { department }) : t('stage.in_progress_nobody')
    case 'calling_back': return t(course.withdrawing ? 'stage.withdrawing' : 'stage.calling_back')
    default: return t(`stage.${tracked.stage}`)
  }
}

function leadOf({ tracked, now, zone }: CaseView, course: Course): string {
  if (tracked.stage === 'closed') return tracked.reopen_until ? t('lead.closed', { when: promised(tracked.reopen_until, now, zone) }) : ''
  if (tracked.stage === 'calling_back') return course.withdrawing ? '' : t('lead.calling_back')
  if (course.again === 'not_solved') return t('lead.again')
  if (course.again === 'reopened') return t('lead.reopened')
  if (course.again === 'disputed') return t('lead.disputed')
  return tracked.stage === 'received' ? t('lead.received') : ''
}

function nextPromise({ tracked, now, zone }: CaseView, course: Course): Node[] {
  const due = tracked.next_promise_at
  if (!due || tracked.stage === 'closed' || course.withdrawing) return []
  const card = (label: string, late: boolean, ...content: Node[]) => [
    h('section', { class: late ? 'next past' : 'next', 'aria-labelledby': 'next' }, h('h2', { id: 'next' }, label), ...content),
  ]
  // The time of the next call: it may well come later.
  if (tracked.next_promise_kind === 'callback') {
    if (Date.parse(due) <= now.getTime()) return []
    const when = h('b', { class: 'num' }, t('next.from', { when: promised(due, now, zone) }))
    return card(t('next.label_call'), false, when, h('span', {}, t('next.calling_back')))
  }
  const left = Date.parse(due) - now.getTime()
  const percent = `${Math.floor(share(tracked.history[0]?.at ?? due, due, now) * 100)}%`
  const fill = h('i')
  fill.style.width = percent
  return card(
    t('next.label'),
    left <= 0,
    h('b', { class: 'num' }, t('next.before', { when: promised(due, now, zone) })),
    h('span', {}, t(tracked.next_promise_kind === 'promise' ? 'next.promised' : 'next.resolve')),
    h('div', { class: 'bar', role: 'img', 'aria-label': t('next.share', { share: percent }) }, fill),
    h('span', { class: 'lbl num' }, left > 0 ? t('next.left', { left: duration(left) }) : t('next.past')),
  )
}

function stepWords(step: Step, index: number, department: string | undefined): string {
  if (step.kind === 'received' && index > 0) return t('stage.received_again')
  if (step.kind === 'in_progress' && step.round > 1) return t('step.in_progress_again', { n: step.round })
  if (step.kind === 'assigned') return department ? t('step.assigned', { department }) : t('step.assigned_nobody')
  if (step.kind === 'reviewing' && step.state === 'done') return t('step.reviewed')
  return t(`step.${step.kind}`)
}

function stepList({ tracked, now, zone }: CaseView, course: Course): HTMLElement {
  const department = tracked.department ? nameOf(tracked.department.name) : undefined
  const states = { done: 'step.done', broken: 'step.done', now: 'step.now', todo: 'step.todo' } as const
  const assigned = course.steps.findLastIndex(({ kind, state }) => kind === 'assigned' && state !== 'todo')
  return h(
    'ol',
    { class: 'pl', 'aria-label': t('steps.label') },
    ...course.steps.map((step, index) =>
      h(
        'li',
        { class: step.state, 'aria-current': step.state === 'now' ? 'step' : null },
        h('i', { 'aria-hidden': 'true' }),
        h(
          'div',
          {},
          // Only the present department is known: earlier ones stay unnamed.
          h('b', {}, stepWords(step, index, index === assigned ? department : undefined)),
          h('span', { class: 'sr' }, t(states[step.state])),
          step.at !== undefined && h('time', { datetime: step.at }, happened(step.at, now, zone)),
        ),
      ),
    ),
  )
}
