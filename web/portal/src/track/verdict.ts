import type { Answers, Solved } from '../api'
import { h } from '../dom'
import { t } from '../i18n'

export const solvedAnswers = ['yes', 'partly', 'no'] as const satisfies Solved[]
const scores = ['result', 'time', 'attitude'] as const
type ScoreName = (typeof scores)[number]

/** What the customer has chosen so far. */
export interface VerdictEntries {
  solved?: Solved
  scores: Partial<Record<ScoreName, number>>
  words: string
}

export function blankVerdict(): VerdictEntries {
  return { scores: {}, words: '' }
}

/** Whether the case is worked on again after these answers, by the house's rule; undefined before the first answer. */
export function worksAgain({ solved, scores: { result } }: VerdictEntries): boolean | undefined {
  if (!solved) return undefined
  if (solved === 'no') return true
  if (solved === 'partly') return result === undefined || result < 4
  return result !== undefined && result < 3
}

export function answersOf({ solved, scores: given }: VerdictEntries): Answers | undefined {
  return solved && { solved, ...given }
}

interface Setting {
  entries: VerdictEntries
  submit: (answers: Answers, words: string) => Promise<string | undefined>
}

function radio(name: string, value: string, checked: boolean, choose: () => void): HTMLInputElement {
  return h('input', { type: 'radio', class: 'check', name, value, checked, onchange: choose })
}

/** First solved or not, then the three scores, then words; what follows is said before the button. */
export function verdictForm({ entries, submit }: Setting): HTMLElement {
  const fault = h('p', { class: 'fault', role: 'status', hidden: true })
  const after = h('p', { class: 'hint', id: 'verdict-after', role: 'status' })
  const button = h('button', { type: 'submit', class: 'pbtn', 'aria-describedby': 'verdict-after' })
  const wordsLabel = h('span')
  const input = h('textarea', { id: 'verdict-words', rows: 3, maxlength: 10_000, oninput: () => (entries.words = input.value) })
  input.value = entries.words
  const scoreList = h('div', { class: 'scores' }, ...scores.map((name) => scoreField(name)))
  const words = h('div', { class: 'pf' }, h('label', { for: 'verdict-words' }, wordsLabel, ' ', h('small', {}, t('common.optional'))), input)
  const form = h(
    'form',
    { class: 'verdict', novalidate: true, onsubmit: (event) => void send(event) },
    h(
      'fieldset',
      {},
      h('legend', { class: 'sr' }, t('verdict.title')),
      h(
        'div',
        { class: 'cats' },
        ...solvedAnswers.map((each) =>
          h('label', {}, radio('solved', each, entries.solved === each, () => choose(each)), h('span', {}, t(`verdict.${each}`))),
        ),
      ),
    ),
    scoreList,
    words,
    fault,
    after,
    button,
  )

  function scoreField(name: ScoreName): HTMLElement {
    const label = (score: number) =>
      h(
        'label',
        {},
        h('input', {
          type: 'radio', name: `score-${name}`, value: score, checked: entries.scores[name] === score,
          onchange: () => {
            entries.scores[name] = score
            update()
          },
        }),
        h('span', {}, scoreWord(score)),
      )
    return h('fieldset', { class: 'score' }, h('legend', {}, t(`verdict.${name}`)), h('div', { class: 'five' }, ...[5, 4, 3, 2, 1].map(label)))
  }

  function choose(solved: Solved): void {
    entries.solved = solved
    update()
  }

  function update(): void {
    const again = worksAgain(entries)
    const begun = again !== undefined
    scoreList.hidden = words.hidden = after.hidden = !begun
    wordsLabel.textContent = t(again ? 'verdict.words_again' : 'verdict.words')
    after.textContent = begun ? t(again ? 'verdict.again' : 'verdict.closes') : ''
    const closing = entries.solved === 'yes' ? 'verdict.submit_yes' : 'verdict.submit'
    button.textContent = t(!begun ? 'verdict.submit' : again ? 'verdict.submit_again' : closing)
    if (begun) fault.hidden = true
  }

  async function send(event: Event): Promise<void> {
    event.preventDefault()
    const answers = answersOf(entries)
    if (!answers) {
      fault.hidden = false
      fault.textContent = t('error.required')
      form.querySelector('input')?.focus()
      return
    }
    if (button.getAttribute('aria-disabled') === 'true') return
    button.setAttribute('aria-disabled', 'true')
    const failed = await submit(answers, entries.words)
    button.removeAttribute('aria-disabled')
    fault.hidden = !failed
    fault.textContent = failed ?? ''
  }

  update()
  return form
}

function scoreWord(score: number): string {
  if (score >= 5) return t('verdict.score5')
  if (score === 4) return t('verdict.score4')
  if (score === 3) return t('verdict.score3')
  return t(score === 2 ? 'verdict.score2' : 'verdict.score1')
}
