/** What the address of the page says: the case, and the token where it is a link for a verdict. */
export interface TrackLink {
  number: string
  token: string
}

const tokenShape = /^[A-Za-z0-9_-]{40,100}$/

/** `/track/260224-0318?survey=TOKEN`, as the daemon makes it; after `#` it works, too, and never reaches a log. */
export function readLink(path: string, search: string, hash: string): TrackLink {
  const number = decode(/^\/track\/([^/]+)\/?$/.exec(path)?.[1] ?? '')
  const fragment = hash.replace(/^#/, '')
  const named = new URLSearchParams(fragment)
  const token = [new URLSearchParams(search).get('survey'), named.get('survey'), named.get('token'), fragment]
    .find((each) => each && tokenShape.test(each))
  return { number, token: token ?? '' }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
