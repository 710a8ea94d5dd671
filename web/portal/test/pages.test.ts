import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { iconsOf, onlyPortal, pageFor, spriteOf, wordedPage } from '../build/pages'
import en from '../src/locales/en'
import zhTW from '../src/locales/zh-TW'

const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')

it.each([
  ['/complain?lang=en', '/complain.html?lang=en'],
  ['/track', '/track.html'],
  ['/track/260224-0318?survey=x', '/track.html?survey=x'],
  ['/assets/a.js', '/assets/a.js'],
  ['/track.html', '/track.html'],
])('%s is answered by %s', (url, file) => expect(pageFor(url)).toBe(file))

describe.each(['complain', 'track'])('%s.html', (page) => {
  const html = read(`../${page}.html`)

  it('has its words without script', () => {
    const worded = wordedPage(html, 'en', en)
    expect(worded).toContain('<html lang="en"')
    expect(worded).not.toMatch(/ data-t="[^"]*"[^>]*><\//)
  })

  it('is answered in its own language where no script sends it', () => {
    expect(html).toMatch(/<form id="[a-z-]+"[^>]* method="post" action="\/(complain|track)"/)
    expect(wordedPage(html, 'zh-TW', zhTW)).toContain('<input type="hidden" name="lang" value="zh-TW">')
  })

  it('has no inline script or style', () => {
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*src=)|\son\w+=/)
  })
})

it('escapes words', () => {
  expect(wordedPage('<p data-t="x"></p><i data-t-placeholder="x">', 'en', { x: '<"&>' })).toBe(
    '<p data-t="x">&lt;&quot;&amp;&gt;</p><i data-t-placeholder="x" placeholder="&lt;&quot;&amp;&gt;">',
  )
})

it('makes a sprite of the icons in use', () => {
  const names = iconsOf(read('../src/dom.ts'))
  expect(names).toContain('camera')
  expect(spriteOf(['x'], () => '<svg a="b">\n  <path d="M1" />\n</svg>')).toContain('<symbol id="i-x" viewBox="0 0 24 24"><path d="M1" /></symbol>')
})

it('takes of the tokens what the portal reads', () => {
  const css = onlyPortal(':root { --hy-bg: #fff; }\n/* x */ :root.dark { --hy-bg: #000; }\n:root, :root.dark { --el-a: 1; }\n.el-b { --el-c: 2; }')
  expect(css.replace(/\s+/g, ' ').trim()).toBe(':root { --hy-bg: #fff; } @media (prefers-color-scheme: dark) { :root { --hy-bg: #000; } }')
})
