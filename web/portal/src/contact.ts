export type Contact = { phone: string } | { email: string }

/** What was typed into a field for either: an e-mail has an @, full width or not. */
export function readContact(typed: string): Contact | undefined {
  const value = typed.trim()
  if (!value) return undefined
  return /[@＠]/.test(value) ? { email: value } : { phone: value }
}

export function isContact(value: unknown): value is Contact {
  return (
    typeof value === 'object' &&
    value !== null &&
    (('phone' in value && typeof value.phone === 'string') || ('email' in value && typeof value.email === 'string'))
  )
}
