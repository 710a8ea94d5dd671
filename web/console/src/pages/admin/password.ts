const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const wanted = 14

/** Fourteen letters and digits that are not mistaken for one another, each as likely as the next. */
export function makePassword(random: (bytes: Uint8Array) => void = (bytes) => void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>)): string {
  const fair = 256 - (256 % letters.length)
  let made = ''
  while (made.length < wanted) {
    const bytes = new Uint8Array(32)
    random(bytes)
    for (const byte of bytes) if (byte < fair && made.length < wanted) made += letters[byte % letters.length]
  }
  return made
}
