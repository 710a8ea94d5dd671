import { useTimes } from '@/composables/times'
import { t, tIfKnown } from '@/i18n'
import { useDirectory } from '@/stores/directory'
import type { HistoryItem } from '@/api/types'
import type { Why } from './why'

/** The reason on a card, as a sentence. */
export function useWhyText() {
  const directory = useDirectory()
  const times = useTimes()

  const said = (event: HistoryItem) => ({
    reason: directory.codeName(event.reason),
    who: directory.userName(event.actor) || t(`domain.actor.${event.actor_kind}`),
    when: times.briefMoment(event.at),
  })
  const time = (at: string | null) => (at === null ? '' : times.moment(at))

  return (why: Why): string => {
    switch (why.kind) {
      case 'supervised':
        return why.due === null ? t('desks.why.supervised', { text: why.text }) : t('desks.why.supervisedDue', { text: why.text, time: time(why.due) })
      case 'urged':
        return t('desks.why.urged', { time: time(why.due) }, why.count)
      case 'held': {
        const reason = tIfKnown(`desks.holdReason.${why.reason}`) ?? why.reason
        return why.until === null ? t('desks.why.held', { reason, text: why.text }) : t('desks.why.heldUntil', { reason, text: why.text, time: time(why.until) })
      }
      case 'notContent':
        return t('desks.why.notContent', { n: why.round, reason: directory.codeName(why.reason) })
      case 'solutionRejected':
        return t('desks.why.solutionRejected', { comment: why.comment, who: directory.userName(why.by), when: times.briefMoment(why.at) })
      case 'promised':
        return t('desks.why.promised', { time: time(why.due) })
      default:
        return t(`desks.why.${why.kind}`, said(why.event))
    }
  }
}
