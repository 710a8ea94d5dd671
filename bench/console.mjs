// usage: node bench/console.mjs ADDRESS LOGIN PASSWORD: a line of JSON for each figure
//
// The console of a running daemon in a browser: from the click to the paint of the ticket list and of a ticket's page, each
// against a page without script of the same elements, styles and weight on the wire; and what the live board costs the
// browser while 2,000 changes a second come by the stream.
import { createServer } from 'node:http'
import { openAs, openBrowser } from '../web/console/e2e/harness.mjs'

const rounds = Number(process.env.HUIYIN_BENCH_ROUNDS ?? 5) * 3
const [base, login, password] = process.argv.slice(2)
if (!password) {
  console.error('usage: node bench/console.mjs ADDRESS LOGIN PASSWORD')
  process.exit(2)
}

const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]

function report(name, ours, peer, unit, spread = []) {
  console.log(JSON.stringify({ name, ours: Number(ours.toFixed(3)), peer: Number(peer.toFixed(3)), ratio: Number((peer / ours).toFixed(3)), unit }))
  for (const [who, all] of spread) console.error(`   ${name} ${who}: ${all.toSorted((a, b) => a - b).map((each) => each.toFixed(1)).join(' ')}`)
}

/** What is shown, without script: its elements and the styles that apply, and what else came over the wire as a comment. */
async function snapshot(page, weight) {
  const { html, css } = await page.evaluate(() => {
    const copy = document.documentElement.cloneNode(true)
    for (const each of copy.querySelectorAll('script, link, style')) each.remove()
    const css = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).join('\n')
    return { html: copy.outerHTML, css }
  })
  const filling = Math.max(0, weight - html.length - css.length)
  return `<!doctype html>${html.replace('</head>', `<style>${css}</style></head>`)}<!--${'x'.repeat(filling)}-->`
}

/** From a click on a link of the running console until what it leads to is painted. Milliseconds. */
async function ownPaint(page, click, shown) {
  return page.evaluate(
    ([clicked, awaited]) =>
      new Promise((resolve, reject) => {
        const target = document.querySelector(clicked)
        if (!target) return reject(new Error(`nothing to click: ${clicked}`))
        const began = performance.now()
        target.click()
        const look = () => {
          if (document.querySelector(awaited)) requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)))
          else if (performance.now() - began > 30_000) reject(new Error(`never shown: ${awaited}`))
          else requestAnimationFrame(look)
        }
        look()
      }),
    [click, shown],
  )
}

/** From a click on a link of a static page until the other one is painted. Milliseconds. */
async function staticPaint(page, from) {
  await page.goto(from)
  const clickedAt = await page.evaluate(() => {
    const at = performance.timeOrigin + performance.now()
    document.querySelector('a').click()
    return at
  })
  await page.waitForURL((url) => url.pathname.endsWith('/page'))
  return page.evaluate(
    (at) =>
      new Promise((resolve) => {
        const painted = () => {
          const [paint] = performance.getEntriesByName('first-contentful-paint')
          if (paint) resolve(performance.timeOrigin + paint.startTime - at)
          else requestAnimationFrame(painted)
        }
        painted()
      }),
    clickedAt,
  )
}

const pages = new Map()
const server = createServer((request, reply) => {
  const name = request.url.split('/')[1]
  reply.setHeader('Content-Type', 'text/html; charset=utf-8')
  reply.setHeader('Cache-Control', 'no-store')
  reply.end(request.url.endsWith('/page') ? (pages.get(name) ?? '') : `<!doctype html><title>from</title><a href="/${name}/page">on</a>`)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const mirror = `http://127.0.0.1:${server.address().port}`

// The static page has a browser of its own: a page that another one hides is painted once a second.
const browser = await openBrowser(), other = await openBrowser()

async function paints(page, name, click, shown, back) {
  let weight = 0
  const weigh = async (response) => {
    if (response.url().startsWith(`${base}/api/`)) weight += (await response.body().catch(() => '')).length
  }
  page.on('response', weigh)
  await ownPaint(page, click, shown)
  await page.waitForTimeout(500)
  page.off('response', weigh)
  pages.set(name, await snapshot(page, weight))
  const still = await other.newPage({ viewport: { width: 1440, height: 900 } })
  const ours = [], peer = []
  for (let round = 0; round < rounds; round++) {
    await back()
    ours.push(await ownPaint(page, click, shown))
    peer.push(await staticPaint(still, `${mirror}/${name}/`))
  }
  await still.close()
  report(`console_${name}_paint`, median(ours), 3 * median(peer), 'ms', [['ours', ours], ['static', peer]])
}

const list = { link: '.rail a[href^="/tickets"]', rows: 'tbody tr[aria-rowindex]' }
const page = await openAs(browser, base, login, password, { path: '/tickets' })
await page.waitForSelector(list.rows)
const elsewhere = async () => {
  await page.click('.rail a[href^="/customers"]')
  await page.waitForSelector(list.rows, { state: 'detached' })
  await page.waitForLoadState('networkidle')
}
await elsewhere()
await paints(page, 'list', list.link, list.rows, elsewhere)

// A ticket is opened by its link in the list; the next round opens another one.
let nth = 0
const toList = async () => {
  await page.click(list.link)
  await page.waitForSelector(list.rows)
  await page.waitForLoadState('networkidle')
  nth += 1
  await page.evaluate((n) => {
    document.querySelector('[data-next]')?.removeAttribute('data-next')
    const links = document.querySelectorAll('tbody tr[aria-rowindex] a[href^="/tickets/"]')
    links[n % Math.min(15, links.length)].setAttribute('data-next', '')
  }, nth)
}
await toList()
await paints(page, 'ticket', '[data-next]', '.ticketpage .loop li[aria-current]', toList)
await page.context().close()

// The board.
const changes = 2_000, batches = 20, lasts = 15
const board = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' })
await board.request.post(`${base}/api/v1/session`, { headers: { Origin: base }, data: { login, password } })
const live = await board.newPage()
let told = 0, timer
await live.routeWebSocket('**/api/v1/stream*', (socket) => {
  let pos = 1
  clearInterval(timer)
  timer = setInterval(() => {
    const frames = Array.from({ length: changes / batches }, () => ({ pos: ++pos, kind: 'ticket.accepted', subject: crypto.randomUUID(), version: 3 }))
    told += frames.length
    socket.send(JSON.stringify({ pos, frames }))
  }, 1_000 / batches)
})
await live.goto(`${base}/board`)
await live.waitForSelector('canvas, svg')
await live.waitForTimeout(3_000)
const session = await browser.newBrowserCDPSession()
const renderers = async () => {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime, 0)
}
const cpu = await renderers(), began = performance.now(), before = told
await live.waitForTimeout(lasts * 1_000)
const seconds = (performance.now() - began) / 1_000
console.error(`   console_board: ${Math.round((told - before) / seconds)} changes/s`)
report('console_board_core_share', (await renderers() - cpu) / seconds, 0.3, 'cores')

clearInterval(timer)
await browser.close()
await other.close()
server.close()
