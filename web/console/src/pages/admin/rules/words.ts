import { targetWords, units } from '@/composables/targets'
import { t, tIfKnown } from '@/i18n'
import { useDirectory } from '@/stores/directory'
import type { Rules } from './rules'

/** From when on a clock runs that follows another. */
export function afterWords(kind: string): string {
  return t('rules.begins.after', { step: tIfKnown(`domain.deadline.${kind}`) ?? kind })
}

/** What differs, in words as far as they are known. */
export function useRuleWords() {
  const directory = useDirectory()

  function departmentOf(code: string, rules: Rules): string {
    return directory.inLanguage(rules.departments.find((each) => each.code === code)?.name) || code
  }

  function keyWords(key: string | null): string {
    if (key === null) return t('rules.publish.whole')
    const target = /^targets\.(\w+)$/.exec(key)
    return (target ? tIfKnown(`domain.deadline.${target[1]}`) : tIfKnown(`rules.key.${key.replaceAll('.', '_')}`)) ?? key
  }

  function partWords(part: string, code: string | null): string {
    if (part === 'category' && code !== null) return directory.categoryName(code)
    const name = tIfKnown(`rules.part.${part}`) ?? part
    return code === null ? name : `${name} ${code}`
  }

  function valueWords(key: string | null, value: string | null): string {
    if (value === null) return t('common.none')
    return /^targets\.|max_extension$/.test(key ?? '') && units.some((unit) => new RegExp(`^[\\d.]+${unit}( |$)`).test(value)) ? targetWords(value) : value
  }

  return { departmentOf, keyWords, partWords, valueWords }
}
