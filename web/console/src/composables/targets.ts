import { t } from '@/i18n'

export const units = ['m', 'h', 'd', 'bm', 'bh', 'wd'] as const
export type Unit = (typeof units)[number]

/** A target as a pack writes it, taken apart: `3wd office`, or the cutoffs as they stand. */
export interface Target {
  amount: string
  unit: Unit | 'cutoffs'
  calendar: string
}

export function readTarget(says: string): Target {
  const [time = '', calendar = ''] = says.split(' ')
  const plain = /^([\d.]*)(m|h|d|bm|bh|wd)$/.exec(time)
  return plain ? { amount: plain[1] ?? '', unit: plain[2] as Unit, calendar } : { amount: time, unit: 'cutoffs', calendar }
}

export function writeTarget({ amount, unit, calendar }: Target): string {
  return `${amount.trim()}${unit === 'cutoffs' ? '' : unit}${calendar === '' ? '' : ` ${calendar}`}`
}

/** Whether it runs around the clock, so that a calendar only names a place. */
export const isClockTime = (unit: Target['unit']) => unit === 'm' || unit === 'h' || unit === 'd'

const isAmount = (text: string) => /^[\d.]+$/.test(text)

/** `3wd office` in words: 3 个工作日. */
export function targetWords(says: string): string {
  const { amount, unit } = readTarget(says)
  if (unit === 'cutoffs') return cutoffWords(amount)
  return isAmount(amount) ? t(`rules.amount.${unit}`, { n: amount }, Number(amount)) : says
}

/** `12:00>0@18:00,24:00>1@12:00` in words. */
function cutoffWords(text: string): string {
  const parts = text.split(',').map((each) => /^(\d\d:\d\d)>(\d+)@(\d\d:\d\d)$/.exec(each))
  if (parts.some((each) => each === null)) return text
  return parts
    .map((each) => {
      const [, before = '', days = '0', due = ''] = each!
      return t(days === '0' ? 'rules.cutoff.sameDay' : 'rules.cutoff.later', { before, n: days, due }, Number(days))
    })
    .join(t('rules.cutoff.and'))
}
