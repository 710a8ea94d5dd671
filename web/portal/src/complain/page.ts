import { isPassing, loadForm, type Refusal } from '../api'
import { h, icon, need, type IconName } from '../dom'
import { renderHouse, renderPhone } from '../house'
import { nameOf, startLanguage, t } from '../i18n'
import { save, session } from '../storage'
import { check, complaintOf, findingsOf, lengthLimits, type Fault, type Finding } from './complaint'
import { forgetDraft, freshDraft, isBlank, loadDraft, newKey, pauseAfter, saveDraft } from './draft'
import { bytesLimit, photoFault, Photos, photosLimit } from './photos'
import { limitOf, promiseLines, renderPromise } from './promise'
import { fieldId, readForm, type Category, type FormField, type PublicForm } from './public_form'
import { renderReceipt, type Shown } from './receipt'
import { send } from './send'

const saveAfter = 400
const promisesAgeAfter = 60_000

const form = need('#form', HTMLFormElement)
const all = need('#all', HTMLFieldSetElement)
const state = need('#state', HTMLElement)
const submitButton = need('#submit', HTMLButtonElement)
const switchButton = need('#switch', HTMLButtonElement)
const texts = {
  problem: need('#problem', HTMLTextAreaElement),
  wish: need('#wish', HTMLInputElement),
  name: need('#name', HTMLInputElement),
  phone: need('#phone', HTMLInputElement),
  email: need('#email', HTMLInputElement),
}
const trap = need('#website', HTMLInputElement)
const unnamed = need('#unnamed', HTMLInputElement)

const known = loadDraft()
let draft = known ?? freshDraft()
let publicForm: PublicForm = { house: {}, categories: [] }
/** The server's clock less this device's. */
let ahead = 0
let shown: Shown | undefined
let findings: Finding[] = []
let failures = 0
let nextTry: ReturnType<typeof setTimeout> | undefined
let saving: ReturnType<typeof setTimeout> | undefined
let inFlight = false
let restored = known !== undefined && !isBlank(known) && !known.waiting

const now = () => new Date(Date.now() + ahead)
const chosen = (): Category | undefined => publicForm.categories.find(({ code }) => code === draft.entries.category)
const photos = new Photos((fault) => {
  const words = {
    many: () => t('error.files_many', { limit: photosLimit }),
    large: () => t('error.files_large', { limit: bytesLimit / 1024 / 1024 }),
  }
  showFault('photos', fault && words[fault]())
})

function showFault(name: string, words: string | undefined): void {
  const place = document.getElementById(`${name}-fault`)
  if (!place) return
  place.hidden = !words
  place.replaceChildren(...(words ? [icon('triangle-alert', 's'), words] : []))
}

function faultWords(field: string, fault: Fault): string {
  if (fault === 'too_long') {
    const own = field === 'problem' || field === 'wish' || field === 'name' ? lengthLimits[field] : undefined
    const limit = own ?? chosen()?.fields.find((each) => fieldId(each) === field)?.max_length ?? 1_000
    return t('error.too_long', { limit })
  }
  return t(`error.${fault}`)
}

function controlOf(field: string): HTMLElement | null {
  if (field === 'category') return form.querySelector('input[name="category"]')
  return document.getElementById(field)
}

function renderFindings(): void {
  for (const field of ['category', ...Object.keys(texts), ...(chosen()?.fields ?? []).map(fieldId)]) {
    const finding = findings.find((each) => each.field === field)
    showFault(field, finding && faultWords(finding.field, finding.fault))
    const control = field === 'category' ? null : document.getElementById(field)
    if (finding) control?.setAttribute('aria-invalid', 'true')
    else control?.removeAttribute('aria-invalid')
  }
}

function renderCategories(): void {
  const { categories, time_zone } = publicForm
  need('#categories', HTMLElement).hidden = categories.length === 0
  need('#category-list', HTMLElement).replaceChildren(
    ...categories.map((category) => {
      const { code, name } = category
      const radio = h('input', {
        class: 'check', type: 'radio', name: 'category', value: code, 'aria-describedby': 'category-fault',
        checked: code === draft.entries.category,
      })
      return h('label', {}, radio, h('span', {}, nameOf(name)), h('small', { class: 'num' }, limitOf(category, now(), time_zone)))
    }),
  )
}

function controlFor(field: FormField): HTMLElement {
  const id = fieldId(field)
  const value = draft.entries.fields[id] ?? ''
  const { kind, required, values, max_length } = field
  const common = { id, name: id, 'data-field': id, 'aria-describedby': `${id}-fault`, 'aria-required': required ? 'true' : null }
  if (kind === 'choice')
    return h(
      'select',
      common,
      h('option', { value: '' }, t('form.choose')),
      ...values.map(({ code, name }) => h('option', { value: code, selected: code === value }, nameOf(name))),
    )
  if (kind !== 'long_text') return h('input', { ...common, type: kind === 'time' ? 'datetime-local' : 'text', maxlength: max_length, value })
  const area = h('textarea', { ...common, rows: 3, maxlength: max_length })
  area.value = value
  return area
}

function fieldRow(field: FormField): HTMLElement {
  const id = fieldId(field)
  const label = h('label', { for: id }, h('span', {}, nameOf(field.name)), ' ', !field.required && h('small', {}, t('common.optional')))
  return h('div', { class: 'pf' }, label, controlFor(field), h('p', { class: 'fault', id: `${id}-fault`, hidden: true }))
}

/** The category's own questions stand with it; what any complaint may add is folded away at the end. */
function renderFields(): void {
  const fields = chosen()?.fields ?? []
  const isExtra = ({ place, required }: FormField) => place === 'complaint' && !required
  for (const [part, shownFields] of [
    ['#fields', fields.filter((field) => !isExtra(field))],
    ['#extra', fields.filter(isExtra)],
  ] as const) {
    const place = need(part, HTMLElement)
    place.hidden = shownFields.length === 0
    need('.rows', HTMLElement, place).replaceChildren(...shownFields.map(fieldRow))
  }
}

function renderContact(): void {
  const isReport = chosen()?.confidential === true
  need('#identity', HTMLElement).hidden = !isReport
  need('#phone-field', HTMLElement).hidden = draft.byEmail
  need('#email-field', HTMLElement).hidden = !draft.byEmail
  need('#name-field', HTMLElement).hidden = isReport && draft.entries.unnamed
  switchButton.hidden = false
  switchButton.textContent = t(draft.byEmail ? 'form.use_phone' : 'form.use_email')
}

function renderPromises(): void {
  const place = need('#promise', HTMLElement)
  place.hidden = false
  renderPromise(place, promiseLines(chosen(), now(), publicForm.time_zone, draft.byEmail))
}

function render(): void {
  need('#write', HTMLElement).hidden = shown !== undefined
  need('#receipt', HTMLElement).hidden = shown === undefined
  need('#restored', HTMLElement).hidden = !restored
  renderHouse(publicForm.house)
  const { house } = publicForm
  const key = house.phone_hours ? 'form.phone_instead' : 'form.phone_instead_always'
  renderPhone(need('#phone-instead', HTMLElement), house, key, { hours: house.phone_hours ?? '' })
  if (shown) renderShown(false)
  renderCategories()
  renderFields()
  renderContact()
  renderPromises()
  renderFindings()
  photos.render()
}

function renderShown(takeFocus: boolean): void {
  if (shown) renderReceipt(shown, { zone: publicForm.time_zone, byEmail: draft.byEmail, again }, takeFocus)
}

function fillIn(): void {
  for (const [name, control] of Object.entries(texts) as [keyof typeof texts, HTMLInputElement][])
    control.value = draft.entries[name]
  unnamed.checked = draft.entries.unnamed
}

function readIn(): void {
  const { entries } = draft
  for (const [name, control] of Object.entries(texts) as [keyof typeof texts, HTMLInputElement][])
    entries[name] = control.value
  entries.trap = trap.value
  entries.unnamed = unnamed.checked
  const radio = form.querySelector<HTMLInputElement>('input[name="category"]:checked')
  if (radio) entries.category = radio.value
  for (const control of form.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>('[data-field]'))
    entries.fields[control.dataset.field ?? ''] = control.value
}

function keep(): void {
  clearTimeout(saving)
  saving = undefined
  if (isBlank(draft)) forgetDraft()
  else if (!saveDraft(draft) && state.childElementCount === 0) notice('triangle-alert', t('error.not_stored'))
}

function notice(sign: IconName, words: string, ...more: Node[]): void {
  state.replaceChildren(h('p', { class: 'notice' }, icon(sign), h('span', {}, words)), ...more)
}

function again(): void {
  shown = undefined
  draft = freshDraft()
  findings = []
  restored = false
  photos.clear()
  fillIn()
  render()
  need('#write h1', HTMLElement).scrollIntoView()
  texts.problem.focus()
}

function setBusy(busy: boolean): void {
  inFlight = busy
  all.disabled = busy || draft.waiting
  submitButton.setAttribute('aria-disabled', String(busy))
  submitButton.textContent = t(busy ? 'form.sending' : draft.waiting ? 'error.retry' : 'form.submit')
}

function edit(): void {
  clearTimeout(nextTry)
  draft.waiting = false
  keep()
  setBusy(false)
  state.replaceChildren()
  texts.problem.focus()
}

/** It goes by itself later: with the network, after a while, or when the page is opened again. */
function waitFor(refusal: Refusal): void {
  failures += 1
  draft.waiting = true
  const pause = pauseAfter(failures, refusal.retryAfter)
  const isOffline = refusal.code === 'offline'
  const words = isOffline
    ? t(photos.files.length > 0 ? 'error.offline_photos' : 'error.offline')
    : t('error.busy', { seconds: Math.round(pause / 1_000) })
  notice(isOffline ? 'wifi-off' : 'triangle-alert', words, h('button', { type: 'button', class: 'quiet', onclick: edit }, icon('pencil'), t('error.edit')))
  clearTimeout(nextTry)
  nextTry = setTimeout(() => void submit(), pause)
}

function refuse(refusal: Refusal): void {
  draft.waiting = false
  draft.attempt = undefined
  findings = findingsOf(refusal.violations, draft.byEmail)
  if (refusal.code === 'body-too-large') showFault('photos', t('error.files_large', { limit: bytesLimit / 1024 / 1024 }))
  else if (findings.length === 0)
    notice('triangle-alert', t('error.other'), h('p', { class: 'hint' }, t('error.trace', { trace: refusal.trace || refusal.code })))
}

/** The first thing to change gets the focus, and how many there are is said. */
function pointAtFindings(): void {
  renderFindings()
  const first = findings[0]
  if (!first) return
  state.replaceChildren(h('p', { class: 'sr' }, t('error.some', { n: findings.length })))
  const control = controlOf(first.field)
  control?.closest('details')?.setAttribute('open', '')
  control?.focus()
}

function accept(result: Shown): void {
  const { phone, email } = draft.entries
  if (result.kind === 'registered')
    save('huiyin.portal.proof', { number: result.receipt.number, contact: draft.byEmail ? { email } : { phone } }, session)
  shown = result
  failures = 0
  draft.waiting = false
  clearTimeout(saving)
  forgetDraft()
  state.replaceChildren()
  setBusy(false)
  render()
  renderShown(true)
  scrollTo(0, 0)
}

async function submit(): Promise<void> {
  if (inFlight || shown) return
  clearTimeout(nextTry)
  const complaint = complaintOf(draft.entries, chosen()?.fields ?? [])
  const words = JSON.stringify(complaint)
  const before = draft.attempt
  const lostPhotos = before !== undefined && before.files > photos.files.length
  // Other bytes under the same key would be refused: without its photos it is another complaint.
  if (lostPhotos) draft.key = newKey()
  const earlier = before && !lostPhotos && before.complaint !== words ? before.complaint : undefined
  draft.attempt = { complaint: earlier ?? words, files: photos.files.length }
  draft.waiting = true
  keep()
  setBusy(true)
  const result = await send(draft, complaint, photos.files, earlier, (share) => {
    const percent = `${Math.round(share * 100)}%`
    if (photos.files.length > 0) submitButton.textContent = t('form.sending_share', { share: percent })
  })
  if (result.kind !== 'refused') {
    accept(result)
    return
  }
  if (isPassing(result.refusal)) waitFor(result.refusal)
  else refuse(result.refusal)
  keep()
  setBusy(false)
  pointAtFindings()
}

function trySubmit(event: Event): void {
  event.preventDefault()
  if (inFlight) return
  readIn()
  const required = (chosen()?.fields ?? []).filter((field) => field.required).map(fieldId)
  findings = check(draft.entries, publicForm.categories.length > 0, draft.byEmail, required)
  if (draft.byEmail) draft.entries.phone = ''
  else draft.entries.email = ''
  if (findings.length > 0) {
    pointAtFindings()
    return
  }
  renderFindings()
  if (photoFault(photos.files.map(({ size }) => size))) {
    photos.render()
    return
  }
  restored = false
  need('#restored', HTMLElement).hidden = true
  void submit()
}

function onInput(event: Event): void {
  readIn()
  const { target } = event
  if (target instanceof HTMLInputElement && target.name === 'category') {
    renderFields()
    renderContact()
    renderPromises()
  }
  if (target === unnamed || (target instanceof HTMLInputElement && target.name === 'identity')) renderContact()
  const field = target instanceof HTMLInputElement && target.name === 'category' ? 'category' : target instanceof HTMLElement ? target.id : ''
  findings = findings.filter((finding) => finding.field !== field)
  renderFindings()
  clearTimeout(saving)
  saving = setTimeout(keep, saveAfter)
}

async function loadPromises(): Promise<void> {
  const loaded = await loadForm()
  if (!loaded) return
  ahead = loaded.at.getTime() - Date.now()
  const isFirst = publicForm.categories.length === 0
  publicForm = readForm(loaded.body)
  // Nothing that somebody is using is drawn anew.
  if (isFirst || !form.contains(document.activeElement)) render()
  else renderPromises()
}

function resume(): void {
  if (draft.waiting && !inFlight && navigator.onLine) void submit()
}

form.noValidate = true
form.addEventListener('submit', trySubmit)
form.addEventListener('input', onInput)
switchButton.addEventListener('click', () => {
  draft.byEmail = !draft.byEmail
  findings = findings.filter(({ field }) => field !== 'phone' && field !== 'email')
  renderContact()
  renderPromises()
  renderFindings()
  keep()
  texts[draft.byEmail ? 'email' : 'phone'].focus()
})
need('#clear', HTMLButtonElement).addEventListener('click', () => {
  forgetDraft()
  again()
})
addEventListener('online', resume)
addEventListener('pagehide', () => saving !== undefined && keep())
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && resume())
setInterval(() => document.visibilityState === 'visible' && !shown && publicForm.categories.length > 0 && void loadPromises(), promisesAgeAfter)

fillIn()
await startLanguage('page.complain', render)
await loadPromises()
if (draft.waiting) {
  const lost = draft.attempt !== undefined && draft.attempt.files > 0
  if (lost) {
    draft.waiting = false
    notice('camera', t('error.photos_lost'))
  } else if (navigator.onLine) void submit()
  else {
    waitFor({ code: 'offline', violations: [], retryAfter: 0, trace: '' })
    setBusy(false)
  }
}
