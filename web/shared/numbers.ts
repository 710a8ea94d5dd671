/** 13812347715 → 138 **** 7715: enough to recognise a number by, not enough to dial it. */
export function maskNumber(value: string): string {
  const digits = value.replace(/[^\d+]/g, '')
  if (digits.length < 7) return value
  const national = digits.replace(/^\+86(?=1\d{10}$)/, '')
  return `${national.slice(0, 3)} **** ${national.slice(-4)}`
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB']
  let size = bytes
  let unit = 0
  while (size >= 1_000 && unit < units.length - 1) {
    size /= 1_024
    unit += 1
  }
  return `${unit === 0 || size >= 10 ? Math.round(size) : Math.round(size * 10) / 10} ${units[unit]}`
}

export function formatCents(cents: number): string {
  return `¥ ${(cents / 100).toFixed(2)}`
}
