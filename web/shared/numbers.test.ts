import { expect, it } from 'vitest'
import { formatBytes, formatCents, maskNumber } from './numbers'

it.each([['13812347715', '138 **** 7715'], ['+8613812347715', '138 **** 7715'], ['12345', '12345'], ['022-23456789', '022 **** 6789']])('masks %s', (number, masked) => expect(maskNumber(number)).toBe(masked))
it.each([[0, '0 B'], [999, '999 B'], [1536, '1.5 KB'], [25 * 1024 * 1024, '25 MB']])('%d bytes', (bytes, text) => expect(formatBytes(bytes)).toBe(text))
it('writes money with its cents', () => expect(formatCents(3600)).toBe('¥ 36.00'))
