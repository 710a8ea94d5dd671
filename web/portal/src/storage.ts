/** What this browser keeps. Each function bears a browser that refuses. */
export function load(key: string, from: () => Storage = () => localStorage): unknown {
  try {
    const text = from().getItem(key)
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

export function save(key: string, value: unknown, to: () => Storage = () => localStorage): boolean {
  try {
    to().setItem(key, JSON.stringify(value))
    return true
  } catch {
    return false
  }
}

export function forget(key: string, from: () => Storage = () => localStorage): void {
  try {
    from().removeItem(key)
  } catch {
    // Nothing was kept there.
  }
}

export const session = (): Storage => sessionStorage

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
