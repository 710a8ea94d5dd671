import type { ApiError } from '@/api/problem'
import { t, tIfKnown } from '@/i18n'
import { useTimes } from './times'

const timeFacts = ['next_callback_at', 'until', 'changed_at'] as const

/** A refusal or a failure in words. */
export function useProblemText() {
  const times = useTimes()

  function slotsOf(facts: Record<string, unknown>): Record<string, string> {
    const slots: Record<string, string> = {}
    for (const [name, value] of Object.entries(facts)) if (typeof value === 'string' || typeof value === 'number') slots[name] = String(value)
    for (const name of timeFacts) if (slots[name]) slots[name] = times.moment(slots[name])
    if (slots['missing']) slots['missing'] = tIfKnown(`problem.missing.${slots['missing']}`) ?? slots['missing']
    return slots
  }

  function describeCode(code: string, facts: Record<string, unknown> = {}): string {
    const missing = typeof facts['missing'] === 'string' ? tIfKnown(`problem.${code}-${facts['missing']}`) : null
    return missing ?? tIfKnown(`problem.${code}`, slotsOf(facts)) ?? t('problem.internal')
  }

  function describe(error: ApiError): string {
    return describeCode(error.code, { ...error.problem })
  }

  return { describe, describeCode }
}
