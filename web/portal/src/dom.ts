export type IconName = 'camera' | 'check' | 'copy' | 'languages' | 'pencil' | 'shield-check' | 'triangle-alert' | 'wifi-off' | 'x' | 'zap'
type Child = Node | string | false | null | undefined
type Value = string | number | boolean | null | undefined | ((event: Event) => void)

/** An element with attributes and children; text is always text. A property `on…` is a listener. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value)
    else if (value === true) made.setAttribute(name, '')
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value))
  }
  append(made, ...children)
  return made
}

export function append(to: ParentNode, ...children: Child[]): void {
  for (const child of children) if (child !== false && child !== null && child !== undefined) to.append(child)
}

const svg = 'http://www.w3.org/2000/svg'

/** An icon of the page's sprite. It only accompanies a word. */
export function icon(name: IconName, size = ''): SVGSVGElement {
  const made = document.createElementNS(svg, 'svg')
  made.setAttribute('class', `i ${size}`.trim())
  made.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(svg, 'use')
  use.setAttribute('href', `#i-${name}`)
  made.append(use)
  return made
}

/** The element that the page's HTML promises to have. */
export function need<T extends Element>(selector: string, type: new () => T, root: ParentNode = document): T {
  const found = root.querySelector(selector)
  if (!(found instanceof type)) throw new Error(`the page has no ${selector}`)
  return found
}

export function focusHeading(heading: HTMLElement): void {
  heading.tabIndex = -1
  heading.focus()
}
