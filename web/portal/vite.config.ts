import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'
import { iconsOf, onlyPortal, pageFor, spriteOf, wordedPage } from './build/pages.ts'
import en from './src/locales/en.ts'
import zhCN from './src/locales/zh-CN.ts'
import zhTW from './src/locales/zh-TW.ts'

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const lucide = dirname(createRequire(import.meta.url).resolve('lucide-static/package.json'))
const readIcon = (name: string) => readFileSync(join(lucide, 'icons', `${name}.svg`), 'utf8')

// A daemon to develop against: HUIYIN_DAEMON="http://127.0.0.1:PORT"
const daemon = process.env.HUIYIN_DAEMON?.split(' ')[0] ?? 'http://127.0.0.1:8080'
const proxy = { '/public': { target: daemon, changeOrigin: true, headers: { origin: daemon } } }
const policy = { 'Content-Security-Policy': "default-src 'self'; img-src 'self' data: blob:" }

/** The house's tokens without what Element Plus alone reads; dark by the reader's own setting. */
function tokens(): Plugin {
  const name = 'virtual:tokens.css'
  return {
    name: 'portal-tokens',
    enforce: 'pre',
    transform: {
      filter: { id: /portal\.css$/ },
      handler(css, id) {
        if (!id.endsWith('portal.css')) return undefined
        const shared = folder('../shared/tokens.css')
        this.addWatchFile(shared)
        return css.replace(`@import '${name}';`, onlyPortal(readFileSync(shared, 'utf8')))
      },
    },
  }
}

/** Icons and words of the static pages; after the build one file more for each other language. */
function pages(): Plugin {
  const others = { 'zh-TW': zhTW, en }
  const source = readFileSync(folder('src/dom.ts'), 'utf8')
  return {
    name: 'portal-pages',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) => html.replace('<svg hidden data-sprite></svg>', spriteOf(iconsOf(source), readIcon)),
    },
    configureServer(server) {
      server.middlewares.use((request, _reply, next) => {
        request.url = pageFor(request.url ?? '/')
        next()
      })
    },
    configurePreviewServer(server) {
      server.middlewares.use((request, _reply, next) => {
        request.url = pageFor(request.url ?? '/')
        next()
      })
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const [name, file] of Object.entries(bundle)) {
          if (file.type !== 'asset' || !name.endsWith('.html')) continue
          const page = String(file.source)
          file.source = wordedPage(page, 'zh-CN', zhCN)
          for (const [language, messages] of Object.entries(others)) {
            const fileName = name.replace('.html', `.${language}.html`)
            this.emitFile({ type: 'asset', fileName, source: wordedPage(page, language, messages) })
          }
        }
      },
    },
  }
}

export default defineConfig({
  root: folder('.'),
  base: '/',
  appType: 'mpa',
  plugins: [tokens(), pages()],
  build: {
    outDir: folder('../dist/portal'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rolldownOptions: { input: [folder('complain.html'), folder('track.html')] },
  },
  server: { proxy, fs: { allow: [folder('..')] } },
  preview: { proxy, headers: policy },
})
