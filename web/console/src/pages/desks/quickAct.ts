import { ref } from 'vue'
import { useAct } from '@/composables/act'
import { useProblemText } from '@/composables/problemText'
import { t, tIfKnown } from '@/i18n'
import { useToasts } from '@/stores/toasts'
import { actNamed } from './acts'
import type { Act } from './acts'
import { postAct } from './postAct'
import type { DeskTicket } from './tickets'

/** Acts started from a card: at once where nothing is asked, otherwise by a dialog. */
export function useQuickAct(done: () => void) {
  const toasts = useToasts()
  const { describe } = useProblemText()
  const running = new Map<string, ReturnType<typeof useAct>>()
  const asking = ref<{ card: DeskTicket; act: Act } | null>(null)
  const busyWith = ref<string | null>(null)

  async function start(card: DeskTicket, name: string): Promise<void> {
    const { ticket } = card
    const wanted = actNamed(name)
    if (wanted === undefined) return
    if (wanted.fields.length > 0 || wanted.submits !== undefined || wanted.consequence !== undefined) {
      asking.value = { card, act: wanted }
      return
    }
    const place = `${ticket.id} ${name}`
    const act = running.get(place) ?? useAct()
    running.set(place, act)
    busyWith.value = ticket.id
    const answer = await act.run((key) => postAct(name, ticket.id, ticket.version, key, {}))
    busyWith.value = null
    if (act.error.value !== null) toasts.say(describe(act.error.value), { tone: 'failed' })
    else if (answer !== null) toasts.say(t('desks.done', { act: tIfKnown(`domain.event.${answer.event.split('.')[1]}`) ?? '', number: ticket.number }))
    done()
  }

  function finish(): void {
    asking.value = null
    done()
  }

  return { asking, busyWith, start, finish }
}
