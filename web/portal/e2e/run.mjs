// The built portal in a real browser against a real daemon: node portal/e2e/run.mjs, after a build.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { preview } from 'vite'
import { apiAs, axe, openBrowser, patience, startDaemon } from '../../console/e2e/harness.mjs'
import { form, secondRound, times } from './fixtures.mjs'

const folder = (path) => fileURLToPath(new URL(path, import.meta.url))
const shots = process.env.HUIYIN_SHOTS
const budget = 60 * 1024
const phone = { width: 390, height: 844 }
const desk = { width: 1440, height: 900 }

const daemon = await startDaemon()
process.env.HUIYIN_DAEMON = daemon.url
const server = await preview({ root: folder('..'), configFile: folder('../vite.config.ts'), preview: { port: 0, host: '127.0.0.1' } })
const base = server.resolvedUrls.local[0].replace(/\/$/, '')
const browser = await openBrowser()
let failures = 0

async function check(name, run) {
  try {
    await run()
    console.log(`ok   ${name}`)
  } catch (error) {
    failures += 1
    console.log(`FAIL ${name}\n${error.stack}`)
  }
}

/** A page of a fresh visitor that remembers what went wrong in it. */
async function visit(path, { language = 'zh-CN', theme = 'light', viewport = phone, script = true, routes = {}, time } = {}) {
  const context = await browser.newContext({
    viewport, locale: language, colorScheme: theme, timezoneId: 'Asia/Shanghai', deviceScaleFactor: viewport === phone ? 2 : 1, javaScriptEnabled: script,
    reducedMotion: 'reduce', // colours half-way through a transition are no finding
  })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  page.setDefaultTimeout(patience)
  page.faults = []
  page.requested = []
  page.on('pageerror', (error) => page.faults.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && !/status of (4|5)|net::ERR_/.test(message.text()) && page.faults.push(message.text()))
  page.on('request', (request) => {
    page.requested.push(request)
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(base)) page.faults.push(`foreign request: ${request.url()}`)
  })
  if (time) await page.clock.setFixedTime(time)
  for (const [pattern, body] of Object.entries(routes))
    await page.route(pattern, (route) => route.fulfill({ json: body, headers: time ? { date: new Date(time).toUTCString() } : {} }))
  await page.goto(base + path)
  if (script) await page.waitForSelector('html[data-ready]')
  return page
}

async function done(page) {
  const { faults } = page
  await page.context().close()
  assert.deepEqual(faults, [])
}

async function look(page, name) {
  assert.deepEqual(await axe(page), [], `axe: ${name}`)
  const cut = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(cut <= 0, `${name} is ${cut} px too wide`)
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('a, button, summary, .pf input, .pf select, textarea, .cats label, .five label')]
      .filter((each) => each.checkVisibility() && !each.closest('.trap, .alt'))
      .map((each) => ({ name: each.textContent || each.id, height: each.getBoundingClientRect().height }))
      .filter(({ height }) => height < 44),
  )
  assert.deepEqual(small, [], `${name}: targets below 44 px`)
  if (!shots) return
  mkdirSync(shots, { recursive: true })
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })
}

const formRoutes = { '**/public/v1/form': form }

/** Says what it is about: the first that the daemon's form offers. */
async function choose(page) {
  await page.locator('#category-list input').first().check({ force: true })
}

async function complain(page, { problem, contact = '136 0217 5580', name = '高女士' }) {
  await choose(page)
  await page.fill('#problem', problem)
  await page.fill('#name', name)
  await page.fill('#phone', contact)
  await page.click('#submit')
  await page.waitForSelector('#number')
  return (await page.textContent('#number')).trim()
}

async function prove(page, number, contact = '13602175580') {
  await page.fill('#proof-number', number)
  await page.fill('#proof-contact', contact)
  await page.click('#proof-submit')
}

const people = new Map()
async function person(login) {
  if (!people.has(login)) people.set(login, await apiAs(daemon, login))
  return people.get(login)
}

/** From the officer's desk to the callback, by the house's people. */
async function answered(number) {
  const [officer, handler, leader] = [await person('zhao.min'), await person('ma.chao'), await person('guo.jun')]
  const { items } = await officer('GET', `/api/v1/tickets?number=${number}`)
  const { id } = items[0]
  const act = async (who, action, body = {}) => {
    const { version } = await officer('GET', `/api/v1/tickets/${id}`)
    return who('POST', `/api/v1/tickets/${id}/${action}`, { body, version })
  }
  await act(officer, 'classification', { category: 'missed_copy' })
  await act(officer, 'dispatch')
  await act(handler, 'acceptance')
  await act(handler, 'contacts', { how: 'call', text: '已与订户通话' })
  await act(handler, 'solutions', { text: '补送', root_cause: 'carrier_missed', no_responsible_reason: 'process_fault' })
  await act(leader, 'approvals')
  await act(handler, 'completion', { result: '已补送', customer_informed: true, evidence: 1 })
  await act(officer, 'pass')
  return { id, officer }
}

await check('the whole page is light', async () => {
  const dist = folder('../../dist/portal')
  const size = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length
  const assets = readdirSync(join(dist, 'assets')).filter((file) => !file.endsWith('.gz')).map((file) => `assets/${file}`)
  const whole = [...assets, 'complain.html', 'track.html'].reduce((sum, file) => sum + size(file), 0)
  console.log(`     both pages in all languages: ${whole} bytes gzipped`)
  assert.ok(whole < budget)
})

for (const language of ['zh-CN', 'zh-TW', 'en'])
  for (const theme of ['light', 'dark'])
    await check(`form and case look right: ${language} ${theme}`, async () => {
      const page = await visit('/complain', { language, theme, routes: formRoutes, time: times.now })
      await page.click('label:has(input[value=missed_copy])')
      await look(page, `form-${language}-${theme}`)
      await done(page)
      const tracked = await visit(`/track/260224-0318`, { language, theme, routes: { ...formRoutes, '**/public/v1/tracking': secondRound }, time: times.now })
      await look(tracked, `proof-${language}-${theme}`)
      await prove(tracked, '260224-0318')
      await tracked.waitForSelector('#case .pl')
      await look(tracked, `track-${language}-${theme}`)
      await done(tracked)
    })

await check('wide screens', async () => {
  const page = await visit('/complain', { viewport: desk, routes: formRoutes, time: times.now })
  await look(page, 'form-wide')
  await done(page)
})

await check('complaint, receipt, case, urge, added word', async () => {
  const page = await visit('/complain')
  const number = await complain(page, { problem: '今天早上又没有《晨报》，这周第二次了。<img src=x onerror=alert(1)>' })
  assert.match(number, /^\d{6}-\d{4,}$/)
  await look(page, 'receipt')
  assert.equal(await page.evaluate(() => document.activeElement.textContent), '收到了')
  assert.equal(await page.evaluate(() => localStorage.getItem('huiyin.portal.draft')), null)
  await page.click('#receipt a.pbtn')
  await page.waitForSelector('#case .pl')
  assert.equal(new URL(page.url()).pathname, `/track/${number}`)
  assert.match(await page.textContent('#case h1'), /收到了/)

  // An added word counts as an urge, so that none is open after it.
  await page.click('#act-urge')
  await page.click('.panel button[type=submit]')
  await page.waitForFunction(() => /催/.test(document.querySelector('#said')?.textContent ?? ''))
  await look(page, 'urged')

  await page.click('#act-added_word')
  await page.fill('#act-text', '放三楼奶箱 <b>x</b>')
  await look(page, 'added-word')
  await page.click('.panel button[type=submit]')
  await page.waitForFunction(() => /补充的话已经转给办理的人/.test(document.querySelector('#said')?.textContent ?? ''))
  assert.equal(await page.textContent('.said'), '放三楼奶箱 <b>x</b>')
  await done(page)
})

await check('a wrong number and a wrong contact are answered alike', async () => {
  const page = await visit('/track')
  const said = []
  for (const number of ['991231-9999', '260101-0001']) {
    await prove(page, number)
    await page.waitForSelector('#proof-state .notice')
    said.push(await page.textContent('#proof-state'))
  }
  assert.equal(said[0], said[1])
  assert.match(said[0], /没有对上/)
  await look(page, 'proof-wrong')
  await done(page)
})

await check('what is missing is said at its field', async () => {
  const page = await visit('/complain', { routes: formRoutes })
  await page.click('#submit')
  for (const field of ['category', 'problem', 'phone']) assert.ok(await page.isVisible(`#${field}-fault`), field)
  await look(page, 'form-faults')
  await page.fill('#problem', '没收到')
  assert.ok(!(await page.isVisible('#problem-fault')))
  await page.click('label:has(input[value=suggestion])')
  await page.fill('#phone', 'x')
  await page.click('#submit')
  await page.waitForFunction(() => document.querySelector('#phone-fault')?.textContent.includes('认不出来'))
  await done(page)
})

await check('a report says who sees it and takes no name', async () => {
  const page = await visit('/complain', { routes: formRoutes, time: times.now })
  await page.click('label:has(input[value=report])')
  await page.click('label:has(#unnamed)')
  assert.ok(!(await page.isVisible('#name')))
  await page.click('#extra summary')
  await page.fill('#object', '发行站')
  await look(page, 'form-report')
  await page.fill('#problem', '举报内容')
  await page.fill('#phone', '13602175586')
  let sent
  await page.route('**/public/v1/complaints', (route) => {
    sent = route.request().postDataJSON()
    return route.fulfill({ status: 201, json: { number: '260226-0001', tracking_url: '/track/260226-0001', due_at: null } })
  })
  await page.click('#submit')
  await page.waitForSelector('#number')
  assert.deepEqual(sent, { object: '发行站', contact: { phone: '13602175586' }, category: 'report', problem: '举报内容' })
  await done(page)
})

await check('photos go along, and a repeat after a lost answer gives the same receipt', async () => {
  const page = await visit('/complain')
  const buffer = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
  await page.setInputFiles('#photo-input', ['a.png', '"><b>.png'].map((name) => ({ name, mimeType: 'image/png', buffer })))
  assert.equal(await page.locator('#photos img').count(), 2)
  await look(page, 'form-photos')
  let first
  await page.route('**/public/v1/complaints', async (route) => {
    if (first) return route.continue()
    first = await (await route.fetch()).json()
    return route.abort('connectionreset')
  })
  await choose(page)
  await page.fill('#problem', '照片里是湿的报纸')
  await page.fill('#phone', '13602175581')
  await page.click('#submit')
  await page.waitForSelector('#state .notice')
  await page.click('#submit')
  await page.waitForSelector('#number')
  assert.equal((await page.textContent('#number')).trim(), first.number)
  await done(page)
})

await check('words changed after a lost answer follow as an added word', async () => {
  const page = await visit('/complain')
  let first
  await page.route('**/public/v1/complaints', async (route) => {
    if (first) return route.continue()
    first = await (await route.fetch()).json()
    return route.abort('connectionreset')
  })
  await choose(page)
  await page.fill('#problem', '第一次写的')
  await page.fill('#phone', '13602175582')
  await page.click('#submit')
  await page.waitForSelector('#state .quiet')
  await page.click('#state .quiet')
  await page.fill('#problem', '第一次写的，还有一句')
  await page.click('#submit')
  await page.waitForSelector('#number')
  assert.equal((await page.textContent('#number')).trim(), first.number)
  assert.match(await page.textContent('#receipt'), /作为补充一起交上去/)
  await done(page)
})

await check('without network the text is kept over a reload and goes later', async () => {
  const page = await visit('/complain')
  await page.route('**/public/v1/complaints', (route) => route.abort('internetdisconnected'))
  await choose(page)
  await page.fill('#problem', '没有网络时写的')
  await page.fill('#phone', '13602175583')
  await page.click('#submit')
  await page.waitForSelector('#state .notice')
  await look(page, 'form-offline')
  await page.reload()
  await page.waitForSelector('#state .notice')
  assert.equal(await page.inputValue('#problem'), '没有网络时写的')
  await page.unroute('**/public/v1/complaints')
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await page.waitForSelector('#number')
  await done(page)
})

await check('a verdict by link, once; not content means once more', async () => {
  const page = await visit('/complain')
  const number = await complain(page, { problem: '报纸没有收到', contact: '13602175584' })
  await done(page)
  const { id, officer } = await answered(number)
  const { url } = await (await person('chen.jing'))('POST', `/api/v1/tickets/${id}/survey-links`, { body: {} })
  const path = new URL(url, base).pathname + new URL(url, base).search

  const survey = await visit(path)
  assert.equal(new URL(survey.url()).search, '', 'the token stays out of the address')
  await look(survey, 'survey')
  await survey.click('label:has(input[value=no])')
  assert.match(await survey.textContent('.verdict .pbtn'), /重新办理/)
  for (const score of ['result', 'time', 'attitude']) await survey.check(`input[name=score-${score}][value="2"]`, { force: true })
  await survey.fill('#verdict-words', '还差13日那期')
  await look(survey, 'survey-again')
  await survey.click('.verdict .pbtn')
  await survey.waitForFunction(() => document.querySelector('#survey h1')?.textContent === '收到您的评价了')
  assert.match(await survey.textContent('#survey'), /重新办理/)
  assert.equal((await officer('GET', `/api/v1/tickets/${id}`)).flags.rework_cycle, 1)
  await survey.click('#survey button')
  await prove(survey, number, '13602175584')
  await survey.waitForSelector('#case .broken')
  assert.match(await survey.textContent('#case .broken'), /您说没有解决/)
  assert.match(await survey.textContent('#case h1'), /重新办理/)
  await look(survey, 'track-second-round')
  await done(survey)
})

await check('a link that is none leads to the proof', async () => {
  const page = await visit(`/track/260101-0001?survey=${'A'.repeat(58)}`)
  await page.click('label:has(input[value=yes])')
  await page.click('.verdict .pbtn')
  await page.waitForSelector('#proof-note:not([hidden])')
  await look(page, 'link-over')
  await done(page)
})

await check('a verdict with the contact closes; then it can be reopened; a withdrawal is asked about', async () => {
  const page = await visit('/complain')
  const number = await complain(page, { problem: '报纸没有收到', contact: '13602175585' })
  await answered(number)
  await page.click('#receipt a.pbtn')
  await page.waitForSelector('#case .verdict')
  await look(page, 'track-callback')
  await page.click('label:has(input[value=yes])')
  await page.check('input[name=score-result][value="5"]', { force: true })
  await page.click('.verdict .pbtn')
  await page.waitForSelector('#act-reopen')
  await look(page, 'track-closed')
  await page.click('#act-reopen')
  await page.fill('#act-text', '又没有收到')
  await page.click('.panel button[type=submit]')
  await page.waitForSelector('#act-urge')
  assert.match(await page.textContent('#case .broken'), /要求重新办理/)
  await page.click('summary')
  await page.click('#act-withdrawal')
  await look(page, 'withdrawal')
  await page.click('.panel button[type=submit]')
  await page.waitForFunction(() => /撤回/.test(document.querySelector('#case h1')?.textContent ?? ''))
  await look(page, 'withdrawn')
  await done(page)
})

await check('the language changes in place and keeps what was written', async () => {
  const page = await visit('/complain', { routes: formRoutes })
  await page.fill('#problem', '写到一半')
  await page.click('a[data-language=en]')
  await page.waitForFunction(() => document.documentElement.lang === 'en')
  assert.equal(await page.inputValue('#problem'), '写到一半')
  assert.equal(await page.textContent('h1'), 'Tell us what went wrong')
  const locales = page.requested.map((request) => /assets\/(zh-CN|zh-TW|en)-/.exec(request.url())?.[1]).filter(Boolean)
  assert.deepEqual(locales, ['zh-CN', 'en'], 'each language is loaded alone')
  await done(page)
})

await check('without script the form has its words and fields', async () => {
  const page = await visit('/complain', { script: false })
  assert.match(await page.textContent('h1'), /告诉我们/)
  assert.ok(await page.isVisible('noscript p'))
  for (const field of ['problem', 'phone', 'email', 'photo-input', 'submit']) assert.ok(await page.isVisible(`#${field}`), field)
  if (shots) await page.screenshot({ path: join(shots, 'form-no-script.png'), fullPage: true })
  await done(page)
})

await browser.close()
await server.close()
await daemon.stop()
process.exitCode = failures > 0 ? 1 : 0
