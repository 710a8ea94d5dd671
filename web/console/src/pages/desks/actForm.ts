import { computed, ref, shallowRef, watch } from 'vue'
import type { Acted, Ticket } from '@/api/types'
import { useAct } from '@/composables/act'
import { useDraft } from '@/composables/draft'
import { useProblemText } from '@/composables/problemText'
import { t } from '@/i18n'
import { useConflict } from '@/pages/ticket/conflict'
import { useDirectory } from '@/stores/directory'
import { useSession } from '@/stores/session'
import { bodyOf, isAsked, missing, startValues } from './acts'
import type { Act, Submit, Values } from './acts'
import { postAct } from './postAct'

/**
 * What somebody writes for an act on a ticket, wherever he writes it: the desks and the ticket's page keep the same draft.
 * It stays until it is sent, and is sent on the newest state of the ticket that he was shown.
 */
export function useActForm(ticket: () => Ticket, act: () => Act) {
  const session = useSession()
  const directory = useDirectory()
  const { describe } = useProblemText()
  const sending = useAct()

  const start = shallowRef(startValues(act(), ticket()))
  const values = ref<Values>({ ...start.value })
  const wrong = ref<ReadonlySet<string>>(new Set())
  const isBlank = computed(() => JSON.stringify(values.value) === JSON.stringify(start.value))
  const asked = computed(() => act().fields.filter((field) => isAsked(field, values.value)))

  function begin(): void {
    start.value = startValues(act(), ticket())
    wrong.value = new Set()
    sending.error.value = null
  }
  watch([() => ticket().id, () => act().name], begin, { flush: 'sync' })
  const draft = useDraft(() => `form:${ticket().id}:${act().name}`, values, () => ({ ...start.value }), () => act().name)
  // Where nothing is written yet, the form offers what the ticket says now.
  watch(ticket, (now, before) => {
    if (now.id !== before.id || !isBlank.value) return
    start.value = startValues(act(), now)
    draft.renew()
  })
  const { seen, now, conflict, learn, accept, refuse } = useConflict(ticket, () => isBlank.value)

  // A template brings its words; they may be changed.
  watch(() => values.value['template'], (code, before) => {
    const wordsOf = (of: unknown) => directory.inLanguage(directory.configuration?.invalid_reply_templates.find((each) => each.code === of)?.body)
    const { text } = values.value
    if (code && code !== before && (text === '' || text === wordsOf(before))) values.value['text'] = wordsOf(code)
  })

  function discard(): void {
    accept()
    begin()
    values.value = { ...start.value }
    draft.forget()
  }

  /**
   * Null where something is still to be filled in, or the server refused: `failure` says why, `conflict` what others did.
   * `as` another act: one that decides the same question with the same words.
   */
  async function send(submit?: Submit, as: Act = act()): Promise<Acted | null> {
    wrong.value = new Set(missing(as, values.value, submit))
    if (wrong.value.size > 0) return null
    const body = bodyOf(as, values.value, session.zone, submit)
    const on = accept()
    const acted = await sending.run((key) => postAct(as.name, on.id, on.version, key, body))
    if (acted !== null) discard()
    else if (isStale.value) refuse()
    return acted
  }

  const isStale = computed(() => sending.error.value?.code === 'stale-version')
  const failure = computed(() => {
    const { value: error } = sending.error
    if (error === null || isStale.value) return ''
    return error.isUndecided ? t('common.form.undecided') : describe(error)
  })
  /** What he has written, in words, beside what others did meanwhile. */
  const yours = computed(() => {
    const written = asked.value.filter((field) => field.kind === 'words').map((field) => String(values.value[field.name] ?? ''))
    return written.filter((each) => each !== '').join('\n') || t(`domain.act.${act().name}`)
  })

  return { values, asked, wrong, isBlank, draft, seen, now, conflict, learn, busy: sending.busy, slow: sending.slow, isStale, failure, yours, send, discard }
}
