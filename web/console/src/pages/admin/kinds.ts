/** What people write into the field, one kind or group each: `ticket.*, user.changed`. */
export function kindsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,，、;]+/).filter((kind) => kind !== ''))]
}

const kind = /^(\*|[a-z_]+\.(\*|[a-z_]+))$/

/** The first that is no kind, or null. */
export function wrongKind(kinds: readonly string[]): string | null {
  return kinds.find((each) => !kind.test(each)) ?? null
}

/** One kind of event, or the beginning of some and a star. */
export const isKind = (text: string) => /^[a-z_.]{1,100}\*?$/.test(text)

/** What the audit is asked for most. */
export const auditKinds = [
  'ticket.*', 'ticket.created', 'ticket.dispatched', 'ticket.closed', 'user.*', 'user.roles_changed', 'user.password_changed', 'session.*', 'department.*', 'pack.*', 'calendar.*', 'customer.*',
  'customer.erased', 'customer.merged', 'token.*', 'webhook.*', 'knowledge.*', 'journal.*',
] as const
