import { isPassing, perform, type Act, type ActOutcome, type Answer, type Proof } from '../api'
import { newKey } from '../complain/draft'
import { append, h } from '../dom'
import { hasMessage, t } from '../i18n'

/** What a customer does with words alone; a verdict has its own form. */
export type WordedAct = Exclude<Act['act'], 'verdict'>

/** The sentence for what became of an act. */
export function outcomeWords({ act, outcome, reason }: ActOutcome, again = false): string {
  if (outcome === 'pending') return t('acts.pending')
  if (outcome === 'refused') {
    const key = `acts.refused_${reason ?? ''}`
    return t(hasMessage(key) ? key : 'acts.refused')
  }
  return t(act === 'verdict' && again ? 'acts.applied_verdict_again' : `acts.applied_${act}`)
}

export function errorWords(code: string): string {
  const key = `acts.error_${code}`
  return t(hasMessage(key) ? key : 'acts.error_other')
}

/** One act of one form: its key stays the same until the server has answered. */
export class Sender {
  private key = newKey()
  private busy = false

  constructor(
    private readonly number: string,
    private readonly proof: () => Proof,
  ) {}

  /** Undefined while an earlier one is under way. */
  async send(act: Act): Promise<Answer<ActOutcome> | undefined> {
    if (this.busy) return undefined
    this.busy = true
    const answer = await perform(this.number, this.proof(), act, this.key)
    this.busy = false
    // The words may change before the next try, so only a try without an answer keeps its key.
    if (answer.ok || !isPassing(answer.refusal)) this.key = newKey()
    return answer
  }
}

interface Panel {
  act: WordedAct
  sender: Sender
  words: string
  write: (words: string) => void
  close: () => void
  done: (answer: ActOutcome, words: string) => void
}

/** The form of an act, with its consequence before the button. */
export function actPanel({ act, sender, words, write, close, done }: Panel): HTMLElement {
  const needsWords = act === 'added_word'
  const consequence =
    act === 'withdrawal' || act === 'dispute' || act === 'reopen' ? t(`acts.consequence_${act}`) : undefined
  const fault = h('p', { class: 'fault', id: 'act-fault', role: 'status', hidden: true })
  const input = h('textarea', {
    id: 'act-text', rows: 3, maxlength: 10_000, required: needsWords, 'aria-describedby': 'act-fault',
    oninput: () => write(input.value),
  })
  input.value = words
  const button = h('button', { type: 'submit', class: 'pbtn' }, t(needsWords ? 'common.send' : `acts.${act}`))
  const say = (sentence: string) => {
    fault.hidden = false
    fault.textContent = sentence
  }
  const submit = async (event: Event) => {
    event.preventDefault()
    const text = input.value.trim()
    if (needsWords && !text) {
      input.setAttribute('aria-invalid', 'true')
      say(t('error.required'))
      input.focus()
      return
    }
    button.setAttribute('aria-disabled', 'true')
    const answer = await sender.send(text ? { act, text: input.value } : { act })
    button.removeAttribute('aria-disabled')
    if (!answer) return
    if (answer.ok) done(answer.body, input.value)
    else say(errorWords(answer.refusal.code))
  }
  const label = h('label', { for: 'act-text' }, h('span', {}, t(`acts.text_${act}`)))
  if (!needsWords) append(label, ' ', h('small', {}, t('common.optional')))
  return h(
    'form',
    { novalidate: true, onsubmit: (event) => void submit(event) },
    h('div', { class: 'pf' }, label, input, fault),
    consequence !== undefined && h('p', { class: 'hint' }, consequence),
    h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'pbtn line', onclick: close }, t('common.cancel')), button),
  )
}
