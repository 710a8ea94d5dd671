/** Which file answers a path of the portal, as the daemon does it. */
export function pageFor(url: string): string {
  const [path = '/', search] = url.split('?')
  const query = search === undefined ? '' : `?${search}`
  if (path === '/complain') return `/complain.html${query}`
  if (/^\/track(\/[^/.]+)?\/?$/.test(path)) return `/track.html${query}`
  return url
}

/** The icon names that the portal's code may use: the members of the type `IconName`. */
export function iconsOf(source: string): string[] {
  const union = /type IconName =([^\n]+)/.exec(source)?.[1] ?? ''
  return [...union.matchAll(/'([a-z0-9-]+)'/g)].map((match) => match[1] ?? '')
}

export function spriteOf(names: readonly string[], read: (name: string) => string): string {
  const symbols = names.map((name) => {
    const svg = read(name)
    const shapes = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'))
    return `<symbol id="i-${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, '')}</symbol>`
  })
  return `<svg hidden><!-- Lucide icons, ISC licence -->${symbols.join('')}</svg>`
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escape = (text: string) => text.replace(/[&<>"]/g, (each) => escapes[each] ?? each)

/** The page in one language, so that it reads without script: empty elements with `data-t` get their words. */
export function wordedPage(html: string, language: string, messages: Readonly<Record<string, string>>): string {
  const message = (key: string) => {
    const found = messages[key]
    if (found === undefined) throw new Error(`no message ${key} in ${language}`)
    return escape(found)
  }
  return html
    .replace(/<html lang="[^"]*"/, `<html lang="${language}"`)
    .replace(/(<input type="hidden" name="lang" value=")[^"]*"/g, `$1${language}"`)
    .replace(/ data-t-(placeholder|aria-label)="([^"]+)"/g, (whole, name: string, key: string) => `${whole} ${name}="${message(key)}"`)
    .replace(/( data-t="([^"]+)"[^>]*>)(?=<\/)/g, (_whole, start: string, key: string) => start + message(key))
}

/** Of the shared tokens: no rule that only Element Plus reads, and dark as the reader's system asks for it. */
export function onlyPortal(css: string): string {
  const plain = css.replace(/\/\*[\s\S]*?\*\//g, '').replace(/[^{}]+\{[^{}]*--el-[^{}]*\}/g, '')
  return plain.replace(/:root\.dark\s*\{([^{}]*)\}/g, '@media (prefers-color-scheme: dark) { :root {$1} }')
}
