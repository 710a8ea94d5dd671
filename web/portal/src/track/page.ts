import { loadForm, perform, track, type Answers, type Tracked } from '../api'
import { newKey } from '../complain/draft'
import { readForm, type PublicForm } from '../complain/public_form'
import { isContact, readContact, type Contact } from '../contact'
import { focusHeading, h, icon, need } from '../dom'
import { renderHouse } from '../house'
import { startLanguage, t, type MessageKey } from '../i18n'
import { forget, isRecord, load, save, session } from '../storage'
import { errorWords, outcomeWords } from './acts'
import { CasePage } from './case'
import { readLink } from './link'
import { blankVerdict, verdictForm, worksAgain } from './verdict'

const reloadEvery = 60_000
const proofPlace = 'huiyin.portal.proof'
const linkPlace = 'huiyin.portal.link'

const proofPart = need('#proof', HTMLElement)
const surveyPart = need('#survey', HTMLElement)
const casePart = need('#case', HTMLElement)
const form = need('#proof-form', HTMLFormElement)
const numberInput = need('#proof-number', HTMLInputElement)
const contactInput = need('#proof-contact', HTMLInputElement)
const submitButton = need('#proof-submit', HTMLButtonElement)
const note = need('#proof-note', HTMLElement)

interface KnownCase {
  number: string
  contact: Contact
}

const link = readLink(location.pathname, location.search, location.hash)
let token = takeToken()
let publicForm: PublicForm = { house: {}, categories: [] }
let known: KnownCase | undefined = keptProof()
let tracked: Tracked | undefined
let ahead = 0
let problem: { key: MessageKey; seconds: number } | undefined
let survey: { verdict: ReturnType<typeof blankVerdict>; key: string; result?: { words: string; again: boolean } } | undefined = token
  ? { verdict: blankVerdict(), key: newKey() }
  : undefined
let linkIsOver = false

const casePage = new CasePage(casePart, { reload: () => look(false), forget: forgetCase })
const now = () => new Date(Date.now() + ahead)

/** The token leaves the address at once: it would stay in the history and in what is shared. */
function takeToken(): string {
  if (link.token) {
    save(linkPlace, { number: link.number, token: link.token }, session)
    history.replaceState(null, '', location.pathname)
    return link.token
  }
  const kept = load(linkPlace, session)
  return isRecord(kept) && kept.number === link.number && typeof kept.token === 'string' ? kept.token : ''
}

function keptProof(): KnownCase | undefined {
  const kept = load(proofPlace, session)
  if (!isRecord(kept) || typeof kept.number !== 'string' || !isContact(kept.contact)) return undefined
  return link.number && kept.number !== link.number ? undefined : { number: kept.number, contact: kept.contact }
}

function forgetCase(): void {
  forget(proofPlace, session)
  known = undefined
  tracked = undefined
  history.replaceState(null, '', '/track')
  numberInput.value = ''
  contactInput.value = ''
  render()
  numberInput.focus()
}

function endLink(): void {
  forget(linkPlace, session)
  token = ''
}

function showFault(of: 'proof-number' | 'proof-contact', words: string | undefined): void {
  const place = need(`#${of}-fault`, HTMLElement)
  place.hidden = !words
  place.replaceChildren(...(words ? [icon('triangle-alert', 's'), words] : []))
  const input = need(`#${of}`, HTMLInputElement)
  if (words) input.setAttribute('aria-invalid', 'true')
  else input.removeAttribute('aria-invalid')
}

function render(): void {
  renderHouse(publicForm.house)
  form.hidden = false
  const state = need('#proof-state', HTMLElement)
  state.replaceChildren()
  if (problem) state.append(h('p', { class: 'notice' }, icon('triangle-alert'), h('span', {}, t(problem.key, { seconds: problem.seconds }))))
  note.hidden = !linkIsOver
  note.textContent = linkIsOver ? t('verdict.link_over') : ''
  surveyPart.hidden = survey === undefined
  casePart.hidden = survey !== undefined || tracked === undefined
  proofPart.hidden = survey !== undefined || tracked !== undefined
  if (survey) renderSurvey()
  else if (tracked) renderCase()
}

function renderCase(): HTMLElement | undefined {
  if (!tracked || !known) return undefined
  const { house, time_zone } = publicForm
  document.title = known.number
  return casePage.render({ ...known, tracked, now: now(), house, zone: time_zone })
}

const problems: Partial<Record<string, MessageKey>> = {
  offline: 'proof.offline',
  'rate-limited': 'proof.busy',
  'not-found': 'proof.wrong',
  'invalid-field': 'proof.wrong',
}

/** Asks for the case. `asked` by the customer: then the answer takes the focus. */
async function look(asked: boolean): Promise<void> {
  if (!known) return
  const answer = await track(known.number, known.contact)
  if (answer.ok) {
    ahead = answer.at.getTime() - Date.now()
    tracked = answer.body
    problem = undefined
    save(proofPlace, known, session)
    history.replaceState(null, '', `/track/${encodeURIComponent(known.number)}`)
    render()
    if (asked) focusHeading(need('h1', HTMLElement, casePart))
    return
  }
  const { code, retryAfter } = answer.refusal
  // What is on the screen stays while only the renewal failed.
  if (tracked && !asked && code !== 'not-found') return
  tracked = undefined
  if (code === 'not-found') {
    forget(proofPlace, session)
    known = undefined
  }
  problem = { key: problems[code] ?? 'proof.other', seconds: retryAfter || 60 }
  render()
}

async function submit(event: Event): Promise<void> {
  event.preventDefault()
  if (submitButton.getAttribute('aria-disabled') === 'true') return
  const number = numberInput.value.trim()
  const contact = readContact(contactInput.value)
  showFault('proof-number', number ? undefined : t('error.required'))
  showFault('proof-contact', contact ? undefined : t('error.required'))
  if (!number || !contact) {
    ;(number ? contactInput : numberInput).focus()
    return
  }
  known = { number, contact }
  submitButton.setAttribute('aria-disabled', 'true')
  submitButton.textContent = t('proof.loading')
  await look(true)
  submitButton.removeAttribute('aria-disabled')
  submitButton.textContent = t('proof.submit')
}

function leaveSurvey(): void {
  survey = undefined
  render()
  if (known) void look(true)
  else contactInput.focus()
}

async function giveVerdict(answers: Answers, words: string): Promise<string | undefined> {
  if (!survey) return undefined
  const text = words.trim() ? { text: words } : {}
  const answer = await perform(link.number, { token }, { act: 'verdict', answers, ...text }, survey.key)
  if (answer.ok) {
    const again = worksAgain(survey.verdict) === true
    const applied = answer.body.outcome === 'applied'
    const result = applied ? t(again ? 'verdict.thanks_again' : 'verdict.thanks_closed') : outcomeWords(answer.body)
    survey.result = { words: result, again }
    endLink()
    render()
    focusHeading(need('h1', HTMLElement, surveyPart))
    return undefined
  }
  if (answer.refusal.code !== 'not-found') return errorWords(answer.refusal.code)
  linkIsOver = true
  endLink()
  leaveSurvey()
  return undefined
}

function renderSurvey(): void {
  if (!survey) return
  const { result, verdict } = survey
  const head = h('p', { class: 'no' }, h('span', { class: 'num' }, link.number))
  if (result) {
    surveyPart.replaceChildren(
      head,
      h('h1', {}, t('verdict.thanks')),
      h('p', { class: 'lead' }, result.words),
      h('button', { type: 'button', class: 'pbtn line verdict', onclick: leaveSurvey }, t('verdict.follow')),
    )
    return
  }
  surveyPart.replaceChildren(
    head,
    h('h1', {}, t('verdict.title')),
    h('p', { class: 'lead' }, t('verdict.lead')),
    verdictForm({ entries: verdict, submit: giveVerdict }),
    h('p', { class: 'alt' }, h('button', { type: 'button', class: 'quiet', onclick: leaveSurvey }, t('verdict.follow'))),
  )
}

async function loadHouse(): Promise<void> {
  const loaded = await loadForm()
  if (!loaded) return
  publicForm = readForm(loaded.body)
  if (!casePage.isBusy) render()
}

function renew(): void {
  if (document.visibilityState === 'visible' && tracked && !survey && !casePage.isBusy) void look(false)
}

numberInput.value = link.number || known?.number || ''
form.noValidate = true
form.addEventListener('submit', (event) => void submit(event))
setInterval(renew, reloadEvery)
document.addEventListener('visibilitychange', renew)
addEventListener('online', renew)

// Known from this visit: the case comes without being asked for again.
if (known && !survey) proofPart.hidden = true
await startLanguage('page.track', render)
if (known && !survey) await look(false)
await loadHouse()
