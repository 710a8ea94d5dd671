// Makes shared/generated/sprite.svg, one symbol per icon, and the type of the names in it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { iconNames } from './icons.mjs'

const lucide = dirname(createRequire(import.meta.url).resolve('lucide-static/package.json'))
const folder = fileURLToPath(new URL('./generated', import.meta.url))

function symbol(name) {
  const svg = readFileSync(join(lucide, 'icons', `${name}.svg`), 'utf8')
  const shapes = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'))
  return `<symbol id="i-${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, '')}</symbol>`
}

mkdirSync(folder, { recursive: true })
writeFileSync(
  join(folder, 'sprite.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg"><!-- Lucide icons, ISC licence -->${iconNames.map(symbol).join('')}</svg>\n`,
)
writeFileSync(join(folder, 'icon-name.ts'), `export type IconName =\n${iconNames.map((name) => `  | '${name}'`).join('\n')}\n`)
