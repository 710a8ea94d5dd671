import { h, icon, need } from '../dom'
import { t } from '../i18n'

export const photosLimit = 6
/** Of the daemon's 25 MiB for a complaint; the rest is for words and envelopes. */
export const bytesLimit = 24 * 1024 * 1024

export type PhotoFault = 'many' | 'large'

export function photoFault(sizes: readonly number[]): PhotoFault | undefined {
  if (sizes.length > photosLimit) return 'many'
  return sizes.reduce((sum, size) => sum + size, 0) > bytesLimit ? 'large' : undefined
}

/** The photos of the form: chosen one by one or several at once, shown small, taken away again. */
export class Photos {
  files: File[] = []
  private readonly urls = new Map<File, string>()
  private readonly list = need('#photos', HTMLUListElement)
  private readonly input = need('#photo-input', HTMLInputElement)
  private fault: PhotoFault | undefined

  constructor(private readonly changed: (fault: PhotoFault | undefined) => void) {
    this.input.addEventListener('change', () => this.add(Array.from(this.input.files ?? [])))
  }

  render(): void {
    this.list.replaceChildren(...this.files.map((file) => this.item(file)))
    this.changed(this.fault)
  }

  clear(): void {
    for (const url of this.urls.values()) URL.revokeObjectURL(url)
    this.urls.clear()
    this.files = []
    this.fault = undefined
    this.render()
  }

  private add(chosen: File[]): void {
    const all = [...this.files, ...chosen]
    this.files = all.slice(0, photosLimit)
    this.fault = photoFault(all.map((file) => file.size))
    // The list holds them; the field is free to take the same file again.
    this.input.value = ''
    this.render()
  }

  private remove(file: File): void {
    const url = this.urls.get(file)
    if (url) URL.revokeObjectURL(url)
    this.urls.delete(file)
    this.files = this.files.filter((each) => each !== file)
    this.fault = photoFault(this.files.map((each) => each.size))
    this.render()
    this.input.focus()
  }

  private item(file: File): HTMLElement {
    const url = this.urls.get(file) ?? URL.createObjectURL(file)
    this.urls.set(file, url)
    const picture = h('img', { src: url, alt: file.name, width: 64, height: 64 })
    const label = t('common.remove', { name: file.name })
    return h(
      'li',
      {},
      picture,
      h('button', { type: 'button', class: 'drop', 'aria-label': label, title: label, onclick: () => this.remove(file) }, icon('x')),
    )
  }
}
