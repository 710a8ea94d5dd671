import { daysBetween, formatClock, formatClockSeconds, formatDate, formatDuration, formatLeft, formatMoment, formatMonthDay, wallTime } from '@shared/time'
import type { DurationWords } from '@shared/time'
import { t } from '@/i18n'
import { useSession } from '@/stores/session'
import { serverClock } from './serverClock'

const words: DurationWords = {
  daysHoursMinutes: (d, h, m) => t('common.duration.daysHoursMinutes', { d, h, m }),
  daysHours: (d, h) => t('common.duration.daysHours', { d, h }),
  hoursMinutes: (h, m) => t('common.duration.hoursMinutes', { h, m }),
  minutes: (m) => t('common.duration.minutes', { m }),
}

const weekdayKeys = ['d0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6'] as const

/** Times in the user's zone and language. */
export function useTimes() {
  const session = useSession()
  const at = (when: string | number) => (typeof when === 'number' ? when : Date.parse(when))

  return {
    duration: (seconds: number, brief = false) => formatDuration(seconds, words, brief),
    left: (seconds: number, brief = false) => formatLeft(seconds, words, brief),
    /** `今天 15:51`, `02-27 23:59`. */
    moment: (when: string | number) =>
      formatMoment(at(when), serverClock.now(), session.zone, (time) => t('common.todayAt', { time })),
    /** `15:51` of today, else with its day. */
    briefMoment: (when: string | number) => formatMoment(at(when), serverClock.now(), session.zone),
    /** `02-26 15:51`, of today too. */
    dayAndTime: (when: string | number) => {
      const wall = wallTime(at(when), session.zone)
      const day = wall.year === wallTime(serverClock.now(), session.zone).year ? formatMonthDay(wall) : formatDate(wall)
      return `${day} ${formatClock(wall)}`
    },
    clock: (when: string | number) => formatClock(wallTime(at(when), session.zone)),
    clockSeconds: (when: string | number) => formatClockSeconds(wallTime(at(when), session.zone)),
    /** The day as a key, to group by. */
    dayKey: (when: string | number) => formatDate(wallTime(at(when), session.zone)),
    /** `今天 02-26 周四`. */
    dayHead: (when: string | number) => {
      const wall = wallTime(at(when), session.zone)
      const now = serverClock.now()
      const ago = daysBetween(at(when), now, session.zone)
      const day = wall.year === wallTime(now, session.zone).year ? formatMonthDay(wall) : formatDate(wall)
      const weekday = t(`common.weekdays.${weekdayKeys[wall.weekday as 0]}`)
      if (ago === 0) return t('common.dayHeadNamed', { name: t('common.today'), day, weekday })
      if (ago === 1) return t('common.dayHeadNamed', { name: t('common.yesterday'), day, weekday })
      return t('common.dayHead', { day, weekday })
    },
  }
}
