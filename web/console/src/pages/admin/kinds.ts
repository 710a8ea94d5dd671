/** What people write into the field, one kind or group each: `ticket.*, user.changed`. */
export function kindsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,，、;]+/).filter((kind) => kind !== ''))]
}

const kind = /^(\*|[a-z_]+\.(\*|[a-z_]+))$/

/** The first that is no kind, or null. */
export function wrongKind(kinds: readonly string[]): string | null {
  return kinds.find((each) => !kind.test(each)) ?? null
}
