// Starts a demo daemon with the built pages and opens browsers. Used by all checks in a browser.
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const web = fileURLToPath(new URL('../..', import.meta.url))
const root = join(web, '..')

/** How long a check waits for what is bound to come. Only one that fails waits so long: a busy machine is no fault. */
export const patience = 120_000

/** A daemon with demo people and, where given, other settings (TOML). */
export async function startDaemon({ settings } = {}) {
  const binary = process.env.HUIYIN_BINARY ?? join(root, 'build/release/bin/huiyin')
  const folder = mkdtempSync(join(tmpdir(), 'huiyin-web-'))
  // Started by root, the daemon becomes another user.
  chmodSync(folder, 0o755)
  const state = join(folder, 'state')
  const configuration = settings === undefined ? join(root, 'config/huiyin.toml') : join(folder, 'huiyin.toml')
  if (settings !== undefined) writeFileSync(configuration, settings)

  async function run(port) {
    const daemon = spawn(binary, ['serve', '--config', configuration, '--state', state, '--port', port, '--web', process.env.HUIYIN_WEB ?? join(web, 'dist'), '--demo'], { cwd: root })
    let said = ''
    const ended = new Promise((resolve) => daemon.once('exit', resolve))
    const ready = await new Promise((resolve, reject) => {
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
    const end = async () => {
      daemon.kill('SIGTERM')
      await ended
    }
    return { ...ready, end }
  }

  let running = await run('0')
  const { url, password } = running
  return {
    url,
    password,
    /** Ends it, lets `meanwhile` happen without it, and starts it on the same state and port. */
    restart: async (meanwhile) => {
      await running.end()
      await meanwhile?.()
      running = await run(new URL(url).port)
    },
    stop: async () => {
      await running.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * A line to the daemon that can be cut, for one person: `cut` ends what is open and refuses what comes; `silence` lets
 * nothing through and ends nothing, as a dead network does; `mend` drops what hung meanwhile.
 */
export async function lineTo(daemon) {
  const { hostname, port } = new URL(daemon.url)
  const open = new Set()
  let state = 'whole'
  const server = createServer((near) => {
    open.add(near)
    near.on('close', () => open.delete(near)).on('error', () => near.destroy())
    if (state === 'cut') return near.destroy()
    if (state === 'silent') return near.pause()
    const far = connect(Number(port), hostname)
    open.add(far)
    far.on('close', () => (open.delete(far), near.destroy())).on('error', () => far.destroy())
    near.on('close', () => far.destroy())
    near.pipe(far).pipe(near)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endAll = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    cut: () => {
      state = 'cut'
      endAll()
    },
    silence: () => {
      state = 'silent'
      for (const socket of open) socket.unpipe().pause()
    },
    mend: () => {
      if (state === 'silent') endAll()
      state = 'whole'
    },
    stop: () => {
      endAll()
      server.close()
    },
  }
}

export function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ['--disable-dev-shm-usage', '--disable-gpu'] })
}

/** A page of the context that gathers, in `complaints`, what the browser's console says and what leaves the origin. */
export async function newPage(context, base) {
  const page = await context.newPage()
  page.setDefaultTimeout(patience)
  page.complaints = []
  page.on('console', (message) => message.type() === 'error' && page.complaints.push(message.text()))
  page.on('pageerror', (error) => page.complaints.push(String(error)))
  page.on('request', (request) => !/^(data|blob):/.test(request.url()) && !request.url().startsWith(base) && page.complaints.push(`foreign request: ${request.url()}`))
  return page
}

const sessions = new Map()

/** Logs somebody in, once for all his contexts: the daemon counts log-ins. */
export async function enter(context, base, login, password) {
  const who = `${base} ${login}`
  if (sessions.has(who)) return context.addCookies(sessions.get(who))
  const entered = await context.request.post(`${base}/api/v1/session`, { headers: { Origin: base }, data: { login, password } })
  if (!entered.ok()) throw new Error(`${login}: ${entered.status()}`)
  sessions.set(who, await context.cookies())
}

/** A page of somebody who is logged in and has set this language and theme. */
export async function openAs(browser, base, login, password, options = {}) {
  const { language = 'zh-CN', theme = 'light', width = 1440, height = 900, path = '/' } = options
  const context = await browser.newContext({ viewport: { width, height }, locale: language, timezoneId: 'Asia/Shanghai', deviceScaleFactor: width < 500 ? 2 : 1 })
  await enter(context, base, login, password)
  const kept = await context.request.patch(`${base}/api/v1/me/settings`, { headers: { Origin: base }, data: { language, theme } })
  if (!kept.ok()) throw new Error(`settings of ${login}: ${kept.status()}`)
  const page = await newPage(context, base)
  await page.goto(base + path)
  return page
}

/** The way in by the form. */
export async function logIn(context, base, login, password, path = '/') {
  const page = await newPage(context, base)
  await page.goto(base + path)
  await page.fill('input[name=username]', login)
  await page.fill('input[name=password]', password)
  await page.click('button[type=submit]')
  await page.waitForURL((url) => url.pathname !== '/log-in')
  return page
}

/** The findings of axe on what is shown, as short lines; of these rules alone, where some are named. */
export async function axe(page, rules) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(readFileSync(join(web, 'node_modules/axe-core/axe.min.js'), 'utf8'))
  const { violations } = await page.evaluate((only) => globalThis.axe.run(document, only ? { runOnly: only, resultTypes: ['violations'] } : {}), rules)
  return violations.flatMap((each) => each.nodes.map((node) => `${each.impact} ${each.id} ${node.target.join(' ')}`))
}

/** A call of the API as somebody, outside the browser. */
export async function apiAs(daemon, login) {
  const headers = { 'Content-Type': 'application/json', Origin: daemon.url }
  const answer = await fetch(`${daemon.url}/api/v1/session`, { method: 'POST', headers, body: JSON.stringify({ login, password: daemon.password }) })
  if (!answer.ok) throw new Error(`${login} could not log in: ${answer.status} ${await answer.text()}`)
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
