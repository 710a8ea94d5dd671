// Starts a demo daemon with the built pages and opens browsers. Used by all checks in a browser.
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const web = fileURLToPath(new URL('../..', import.meta.url))
const root = join(web, '..')

/** A daemon with demo people. HUIYIN_DAEMON="http://… PASSWORD" takes one that runs already. */
export async function startDaemon() {
  if (process.env.HUIYIN_DAEMON) {
    const [url, password] = process.env.HUIYIN_DAEMON.split(' ')
    return { url, password, stop: async () => {} }
  }
  const binary = process.env.HUIYIN_BINARY ?? join(root, 'build/release/bin/huiyin')
  const folder = mkdtempSync(join(tmpdir(), 'huiyin-web-'))
  // Started by root, the daemon becomes another user.
  chmodSync(folder, 0o755)
  const state = join(folder, 'state')
  const daemon = spawn(binary, ['serve', '--config', join(root, 'config/huiyin.toml'), '--state', state, '--port', '0', '--web', join(web, 'dist'), '--demo'], { cwd: root })
  let said = ''
  const ended = new Promise((resolve) => daemon.once('exit', resolve))
  const started = new Promise((resolve, reject) => {
    const listen = (chunk) => {
      said += chunk
      const url = /huiyin ready: (http:\/\/[\d.:]+)/.exec(said)?.[1]
      const password = /all with password ([^\s:]+)/.exec(said)?.[1]
      if (url && password) resolve({ url, password })
    }
    daemon.stdout.on('data', listen)
    daemon.stderr.on('data', listen)
    void ended.then(() => reject(new Error(`the daemon ended:\n${said}`)))
  })
  const stop = async () => {
    daemon.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...(await started), stop }
}

export function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ['--disable-dev-shm-usage', '--disable-gpu'] })
}

/** A logged-in page. `complaints` gathers what the console of the browser says and what leaves the origin. */
export async function openAs(browser, base, login, password, options = {}) {
  const { language = 'zh-CN', theme = 'light', width = 1440, height = 900, path = '/' } = options
  const context = await browser.newContext({ viewport: { width, height }, locale: language, timezoneId: 'Asia/Shanghai', deviceScaleFactor: width < 500 ? 2 : 1 })
  await context.addInitScript(([spoken, painted]) => {
    localStorage.setItem('huiyin.language', spoken)
    localStorage.setItem('huiyin.theme', painted)
  }, [language, theme])
  const page = await context.newPage()
  page.complaints = []
  page.on('console', (message) => message.type() === 'error' && page.complaints.push(message.text()))
  page.on('pageerror', (error) => page.complaints.push(String(error)))
  page.on('request', (request) => !/^(data|blob):/.test(request.url()) && !request.url().startsWith(base) && page.complaints.push(`foreign request: ${request.url()}`))
  await page.goto(`${base}/log-in${path === '/' ? '' : `?then=${encodeURIComponent(path)}`}`)
  await page.fill('input[name=username]', login)
  await page.fill('input[name=password]', password)
  await page.click('button[type=submit]')
  await page.waitForURL((url) => url.pathname !== '/log-in')
  return page
}

/** The findings of axe on what is shown, as short lines. */
export async function axe(page) {
  await page.evaluate(readFileSync(join(web, 'node_modules/axe-core/axe.min.js'), 'utf8'))
  const { violations } = await page.evaluate(() => globalThis.axe.run())
  return violations.flatMap((each) => each.nodes.map((node) => `${each.impact} ${each.id} ${node.target.join(' ')}`))
}

/** A call of the API as somebody, outside the browser. */
export async function apiAs(daemon, login) {
  const headers = { 'Content-Type': 'application/json', Origin: daemon.url }
  const answer = await fetch(`${daemon.url}/api/v1/session`, { method: 'POST', headers, body: JSON.stringify({ login, password: daemon.password }) })
  const cookie = answer.headers.getSetCookie().map((each) => each.split(';')[0]).join('; ')
  return async (method, path, { body, version } = {}) => {
    const reply = await fetch(`${daemon.url}${path}`, {
      method,
      headers: { ...headers, Cookie: cookie, ...(version === undefined ? {} : { 'If-Match': `"${version}"` }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const said = reply.status === 204 ? null : await reply.json()
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(said)}`)
    return said
  }
}

export function picture(page, name) {
  const folder = process.env.HUIYIN_SHOTS ?? join(web, 'console/e2e/out')
  mkdirSync(folder, { recursive: true })
  return page.screenshot({ path: join(folder, `${name}.png`) })
}
