// Hostile words through every field that strangers fill, and through names, then every page that shows them: nothing runs,
// nothing is loaded from elsewhere, nothing becomes an element. Without the content security policy, which would hide what
// the pages do wrong; with HUIYIN_TEST_FULL also with it, by people of all roles, and twice as many pages of each kind.
// node console/e2e/xss.mjs, after a build.
import assert from 'node:assert/strict'
import { apiAs, enter, openBrowser, startDaemon } from './harness.mjs'
import { count, payloads } from './payloads.mjs'

const started = Date.now()
const say = (words) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${words}`)
const full = Boolean(process.env.HUIYIN_TEST_FULL)
const perTicket = 10
const short = (text, most) => [...text].slice(0, most).join('')
const some = (at) => payloads.slice(at * perTicket, (at + 1) * perTicket)
const words = (at) => some(at).join('\n')

async function each(list, work, width = 8) {
  const left = [...list.entries()]
  await Promise.all(Array.from({ length: width }, async () => {
    for (let next = left.shift(); next; next = left.shift()) await work(next[1], next[0])
  }))
}

async function inTurn(list, work) {
  const made = []
  for (const one of list) made.push(await work(one))
  return made
}

const daemon = await startDaemon({ settings: '[limits]\nper_address_per_minute = 0\nper_account_per_minute = 0\ncomplaints_per_address_per_minute = 0\ntracking_per_address_per_minute = 0\n' })
say('the daemon serves')
const base = daemon.url

/** A busy daemon is asked again, with the same key. */
async function asStranger(path, headers, body, tries = 5) {
  const reply = await fetch(base + path, { method: 'POST', headers, body })
  const said = await reply.text()
  return reply.status === 503 && tries > 1 ? asStranger(path, headers, body, tries - 1) : { status: reply.status, said }
}

async function complain(complaint, files = []) {
  const headers = { 'Idempotency-Key': crypto.randomUUID() }
  if (files.length === 0) return asStranger('/public/v1/complaints', { ...headers, 'Content-Type': 'application/json' }, JSON.stringify(complaint))
  const edge = `hyx${crypto.randomUUID()}`
  const part = (head, type, content) => `--${edge}\r\nContent-Disposition: form-data; ${head}\r\nContent-Type: ${type}\r\n\r\n${content}\r\n`
  const parts = files.map(({ name, type, content }) => part(`name="file"; filename="${name.replace(/[\r\n]/g, ' ').replace(/["\\]/g, '\\$&')}"`, type, content))
  const body = `${part('name="complaint"', 'application/json', JSON.stringify(complaint))}${parts.join('')}--${edge}--\r\n`
  return asStranger('/public/v1/complaints', { ...headers, 'Content-Type': `multipart/form-data; boundary=${edge}` }, body)
}

// One payload in each field of a complaint: what lists and the search show.
let refused = 0
await each(payloads, async (payload, at) => {
  const { status, said } = await complain({
    contact: { name: short(payload, 100), phone: `1382${String(at).padStart(7, '0')}`, email: short(payload, 254) },
    category: 'missed_copy', problem: payload, object: payload, desired_solution: payload,
    fields: { district: 'east', street: payload, [`f${at}`]: payload },
  })
  assert.ok(status < 300 || status === 400, `${status} ${said} of ${payload}`)
  if (status === 400) refused += 1
})
assert.ok(refused < count / 50, `${refused} of ${count} complaints were refused`)
say(`${count - refused} complaints with one payload in each field`)

// Ten payloads in each field, ten file names, and files that are pages.
const fileTypes = ['text/html', 'image/svg+xml', 'application/xhtml+xml', 'text/xml', 'text/plain', 'image/png', 'application/pdf', 'text/css', 'text/javascript', 'multipart/x-mixed-replace']
const fileOf = (type, at) => {
  const inside = some(at).join('\n')
  if (type === 'image/svg+xml') return `<svg xmlns="http://www.w3.org/2000/svg" hyx="" onload="hyRan(${at})"><script>hyRan(${at})</script><image href="//evil.invalid/${at}"/></svg>`
  if (/xml/.test(type)) return `<html xmlns="http://www.w3.org/1999/xhtml"><script hyx="">hyRan(${at})</script></html>`
  return `<!doctype html><title>${inside}</title>${inside}<script hyx>hyRan(${at})</script>`
}
const dense = []
const phone = '13920000001'
const tickets = count / perTicket
await each(Array.from({ length: tickets }), async (_, at) => {
  const files = some(at).map((name, which) => ({ name, type: fileTypes[which], content: fileOf(fileTypes[which], at) }))
  const { status, said } = await complain({
    contact: { name: short(payloads[at], 100), phone }, category: 'missed_copy', problem: words(at), desired_solution: short(words(at), 2000),
    object: short(words(at), 500), fields: { district: 'east', ...Object.fromEntries(some(at).map((payload, which) => [`f${which}`, payload])) },
  }, files)
  assert.equal(status, 201, said)
  dense[at] = JSON.parse(said).number
})
say(`${dense.length} complaints with ${perTicket} payloads in each field and ${perTicket} files`)

const [admin, officer, handler, leader, agent, supervisor, quality] = await inTurn(['admin', 'zhao.min', 'wang.qiang', 'zhang.wei', 'chen.jing', 'qian.li', 'cao.yu'], (login) => apiAs(daemon, login))
const ids = []
await each(dense, async (number, at) => (ids[at] = (await officer('GET', `/api/v1/tickets?number=${number}`)).items[0].id))
const act = async (who, id, name, body = {}) => {
  const { version } = await who('GET', `/api/v1/tickets/${id}`)
  return who('POST', `/api/v1/tickets/${id}/${name}`, { body, version })
}
const publicAct = async (at, body) => {
  const { status, said } = await asStranger(`/public/v1/tickets/${dense[at]}/acts`, { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, JSON.stringify({ phone, ...body }))
  assert.ok(status === 201 || status === 202, said)
}

const stages = ['judge', 'accept', 'work', 'approval', 'review', 'callback', 'again', 'closed', 'returned', 'held']
const stageOf = (at) => stages[at % stages.length]
await each(ids, async (id, at) => {
  const stage = stageOf(at)
  const text = words(at)
  await publicAct(at, { act: 'added_word', text })
  await act(officer, id, 'classification', { category: 'missed_copy' })
  await officer('POST', `/api/v1/tickets/${id}/notes`, { body: { text } })
  if (stage === 'judge') return
  await act(officer, id, 'dispatch')
  if (stage === 'accept') return
  if (stage === 'returned') return act(handler, id, 'returns', { reason: 'wrong_unit', basis: text }).catch(() => undefined)
  await act(handler, id, 'acceptance')
  await publicAct(at, { act: 'urge', text })
  await act(handler, id, 'contacts', { how: 'call', reached: true, text })
  if (stage === 'work') return
  if (stage === 'held') return act(handler, id, 'holds', { reason: 'awaiting_customer', text }).catch(() => undefined)
  await act(handler, id, 'solutions', { kind: 'fix', text, cost_cents: 0, root_cause: 'building_access', no_responsible_reason: 'process_fault' })
  if (stage === 'approval') return
  await act(leader, id, 'approvals', { comment: text })
  const { contacts } = await handler('GET', `/api/v1/tickets/${id}`)
  await act(handler, id, 'completion', { result: text, customer_informed: true, evidence: 1, interaction_id: contacts[0].interaction_id })
  if (stage === 'review') return
  await act(officer, id, 'pass')
  if (stage === 'callback') return publicAct(at, { act: 'dispute', text })
  await publicAct(at, { act: 'verdict', text, answers: { solved: stage === 'closed' ? 'yes' : 'no', result: 5 } })
}, 4)
say('acts of customers and staff with payloads, in ten stages')

/** What the daemon refuses as no name is nowhere to be seen; that must be few. */
async function name(list, work) {
  let turnedAway = 0
  await each(list, (one, at) => work(one, at).catch((error) => {
    if (!/: 422 /.test(error.message)) throw error
    turnedAway += 1
  }))
  assert.ok(turnedAway * 20 <= list.length, `${turnedAway} of ${list.length} names were refused`)
}

const closed = ids.filter((_, at) => stageOf(at) === 'closed')
for (const [at, id] of closed.entries()) await quality('POST', `/api/v1/tickets/${id}/case_record`, { body: { title: short(words(at + 7), 200), text: words(at + 7) } })
await each(ids.slice(0, 10), (id, at) => quality('POST', '/api/v1/problems', { body: { title: short(words(at), 200), root_cause: 'building_access', action: words(at), tickets: [id] } }))
await each(ids.filter((_, at) => stageOf(at) === 'work'), (id, at) => act(supervisor, id, 'supervisions', { reason: 'leader', text: words(at) }))
await name(payloads.slice(0, 20), (payload) => agent('POST', '/api/v1/views', { body: { name: short(payload, 60), filter: {}, shared: 'private' } }))
await name(payloads.slice(0, 60), (payload) => supervisor('POST', '/api/v1/views', { body: { name: short(payload, 60), filter: {}, shared: 'all' } }))

await name(ids, async (_, at) => {
  const item = { kind: ['article', 'canonical_answer', 'notice'][at % 3], words: { 'zh-CN': { title: short(words(at), 200), body: words(at) } } }
  const { id, version } = await quality('POST', '/api/v1/knowledge', { body: item })
  const waiting = await quality('POST', `/api/v1/knowledge/${id}/submission`, { body: {}, version })
  await supervisor('POST', `/api/v1/knowledge/${id}/review`, { body: { approved: true, comment: words(at).slice(0, 1000) }, version: waiting.version })
})
await name(payloads.filter((payload) => !/[{}]/.test(payload)).slice(0, 100), (payload) => supervisor('POST', '/api/v1/canned_replies', { body: { name: short(payload, 60), body: payload, shared: 'all' } }))
say('articles, answers, notices and kept replies')

// Display names of the house: the demo's own people too, for theirs stand beside everything they did.
await name(payloads, (payload, at) => admin('POST', '/api/v1/users', { body: { login: `h${at}`, display_name: short(payload, 100) } }))
const { items: staff } = await admin('GET', '/api/v1/users?limit=200')
await name(staff.filter(({ login }) => !/^h\d+$/.test(login)), ({ id, version }, at) => admin('PATCH', `/api/v1/users/${id}`, { body: { display_name: short(payloads[at * 7], 100) }, version }))
const languages = ['zh-CN', 'zh-TW', 'en']
const namesOf = (at) => Object.fromEntries(languages.map((language, which) => [language, short(payloads[(at * 3 + which) % count], 100)]))
await name(Array.from({ length: Math.ceil(count / 3) }), (_, at) => admin('POST', '/api/v1/departments', { body: { code: `h${at}`, name: namesOf(at) } }))
const { items: departments } = await admin('GET', '/api/v1/departments')
await name(departments.filter(({ code }) => !/^h\d+$/.test(code)), ({ id, version, ...department }, at) => admin('PUT', `/api/v1/departments/${id}`, { body: { ...department, name: namesOf(at * 11) }, version }))
await name(payloads.slice(0, 40), (payload) => admin('POST', '/api/v1/tokens', { body: { name: short(payload, 100), scopes: ['ticket_read'] } }))
await name(payloads.slice(0, 20), (payload) => admin('POST', '/api/v1/webhooks', { body: { name: short(payload, 100), url: 'https://93.184.215.14/', kinds: ['problem.reopened'] } }))
say('display names of staff and departments, views, cases, problems, tokens, webhooks')

const browser = await openBrowser()
const found = []
let looked = 0

async function visitor(bypassCSP, language = 'zh-CN') {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: language, timezoneId: 'Asia/Shanghai', bypassCSP })
  await context.addInitScript(([spoken]) => {
    // What the daemon refuses is answered in a sandbox, where nothing is kept.
    if (origin !== 'null') localStorage.setItem('huiyin.language', spoken)
    for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => globalThis.hyRan(name)
  }, [language])
  const page = await context.newPage()
  page.setDefaultTimeout(90_000)
  page.trouble = []
  page.pending = new Set()
  await context.exposeBinding('hyRan', (_, at) => page.trouble.push(`ran: ${payloads[at] ?? at}`))
  await context.route((url) => url.origin !== base && /^(http|ws)/.test(url.protocol), (route) => {
    page.trouble.push(`foreign request: ${route.request().url()}`)
    return route.abort()
  })
  page.on('pageerror', (error) => page.trouble.push(`page error: ${error.message}`))
  page.on('console', (message) => message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && page.trouble.push(`console: ${message.text()}`))
  page.on('popup', (popup) => page.trouble.push(`popup: ${popup.url()}`))
  page.on('request', (asked) => page.pending.add(asked))
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (asked) => page.pending.delete(asked))
  return page
}

async function settle(page) {
  let quiet = 0
  for (let waited = 0; waited < 5_000 && quiet < 3; waited += 20) {
    await page.waitForTimeout(20)
    quiet = page.pending.size === 0 ? quiet + 1 : 0
  }
}

/** What must not be on a page: elements made of words, scripts, handlers, addresses that run. */
const findForeign = () => {
  const bad = []
  const runs = /^[\s\u0000-\u001f]*(javascript|vbscript|data:text|data:image\/svg)/i
  for (const element of document.querySelectorAll('*')) {
    if (element.hasAttribute('hyx')) bad.push(`parsed: ${element.outerHTML.slice(0, 120)}`)
    if (element.localName === 'script' && !(element.src ?? '').startsWith(location.origin)) bad.push(`script: ${element.outerHTML.slice(0, 120)}`)
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name)) bad.push(`handler: ${name}=${value.slice(0, 80)}`)
      if (/^(href|src|action|formaction|data|xlink:href|srcdoc|poster)$/i.test(name) && (runs.test(value) || /^(https?:)?\/\/evil/.test(value))) bad.push(`address: ${name}=${value.slice(0, 80)}`)
    }
  }
  return bad
}

async function inspect(page, where) {
  await settle(page)
  looked += 1
  const bad = [...(await page.evaluate(findForeign)), ...page.trouble.splice(0)]
  if (new URL(page.url()).origin !== base) bad.push(`left for ${page.url()}`)
  if (bad.length > 0) found.push(...bad.map((each) => `${where}: ${each}`))
}

// First the check itself: the same words written as HTML are noticed, without the policy, in all these ways.
const noticed = { ran: 0, loaded: 0 }
await each(Array.from({ length: tickets / 2 }, (_, at) => [...some(2 * at), ...some(2 * at + 1)]), async (these) => {
  const page = await visitor(true)
  await page.context().route(`${base}/**`, (route) => (route.request().url() === `${base}/blank` ? route.fulfill({ contentType: 'text/html', body: '<!doctype html><body>' }) : route.abort()))
  await page.goto(`${base}/blank`)
  for (const payload of these) await page.evaluate((html) => (document.body.appendChild(document.createElement('div')).innerHTML = html), payload).catch(() => undefined)
  await page.waitForTimeout(200).catch(() => undefined)
  noticed.ran += new Set(page.trouble.filter((each) => each.startsWith('ran'))).size
  noticed.loaded += new Set(page.trouble.filter((each) => each.startsWith('foreign'))).size
  await page.context().close()
}, 3)
say(`written as HTML, ${noticed.ran} payloads run and ${noticed.loaded} load`)
assert.ok(noticed.ran >= 60 && noticed.loaded >= 10, JSON.stringify(noticed))

async function logIn(page, login) {
  await enter(page.context(), base, login, daemon.password)
  await page.goto(`${base}/`)
  await page.waitForSelector('main h1, main h2')
}

async function logInByForm(page, login, then) {
  await page.goto(`${base}/log-in?then=${encodeURIComponent(then)}`)
  await page.fill('input[name=username]', login)
  await page.fill('input[name=password]', daemon.password)
  await page.click('button[type=submit]')
  await page.waitForURL((url) => url.pathname !== '/log-in')
}

/** Goes there as a click would, without loading the console anew. */
const go = (page, path) => page.evaluate((to) => {
  history.pushState(null, '', to)
  dispatchEvent(new PopStateEvent('popstate', { state: null }))
}, path)

const shapeOf = (path) => path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id').replace(/\?.*/, '')
/** All pages that this person reaches by links, some of each kind. */
async function crawl(page, login, ofEachShape) {
  const seen = new Map()
  const ahead = ['/']
  const visited = new Set()
  for (let path = ahead.shift(); path !== undefined; path = ahead.shift()) {
    const shape = shapeOf(path)
    if (visited.has(path) || (seen.get(shape) ?? 0) >= ofEachShape) continue
    visited.add(path)
    seen.set(shape, (seen.get(shape) ?? 0) + 1)
    await go(page, path)
    await inspect(page, `${login} ${path}`)
    const links = await page.$$eval('a[href^="/"]:not([download])', (all) => all.map((link) => link.getAttribute('href')))
    ahead.push(...links.filter((link) => !link.startsWith('/api/') && !link.startsWith('/wall')))
  }
  return visited.size
}

/** Scrolls a virtual list to its end. */
async function scrollThrough(page, where) {
  for (let turn = 0; turn < 60; turn += 1) {
    const atEnd = await page.evaluate(() => {
      const lists = [...document.querySelectorAll('main .scroll, main [tabindex="0"][role=region]')].filter((each) => each.scrollHeight > each.clientHeight + 4)
      const list = lists.sort((a, b) => b.scrollHeight - a.scrollHeight)[0]
      if (!list) return true
      list.scrollTop += list.clientHeight
      return list.scrollTop + list.clientHeight >= list.scrollHeight - 4
    })
    await inspect(page, where)
    if (atEnd) return
  }
}

async function openFiles(page, where) {
  const buttons = page.locator('.tl .files button')
  const most = Math.min(await buttons.count(), fileTypes.length)
  for (let at = 0; at < most; at += 1) {
    await buttons.nth(at).click()
    await inspect(page, `${where} file ${at}`)
    await page.keyboard.press('Escape')
  }
}

async function console_(bypassCSP, login, more) {
  const page = await visitor(bypassCSP)
  await logIn(page, login)
  const pages = await crawl(page, login, full && bypassCSP ? 2 : 1)
  await more?.(page)
  await page.context().close()
  return pages
}

const mores = {
  'chen.jing': async (page) => {
    await go(page, '/customers?q=hyRan')
    await inspect(page, 'search of customers')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('onerror')
    await inspect(page, 'palette')
  },
  'zhao.min': async (page) => {
    // One of each stage; the words of all of them stand on their customer's page.
    for (const id of ids.slice(0, stages.length)) {
      await go(page, `/tickets/${id}`)
      await inspect(page, `ticket ${id}`)
    }
    await openFiles(page, 'ticket')
    const { items } = await officer('GET', `/api/v1/tickets?number=${dense[0]}`)
    const { customer_id: customer } = await officer('GET', `/api/v1/tickets/${items[0].id}`)
    await go(page, `/customers/${customer}`)
    await inspect(page, 'customer')
    for (const older = page.locator('button.more'); await older.count(); ) {
      await older.click()
      await inspect(page, 'customer, older')
    }
  },
  'qian.li': async (page) => {
    await go(page, '/canned-replies')
    await inspect(page, 'kept replies')
    await page.locator('.list .qitem').first().click()
    await inspect(page, 'a kept reply')
    await go(page, '/tickets?view=all_open')
    await scrollThrough(page, 'list of all')
  },
  admin: async (page) => {
    await go(page, '/settings/users')
    for (const next = page.locator('main p button.btn'); await next.count(); ) {
      await next.click()
      await inspect(page, 'users')
    }
    const people = page.locator('main tbody th button')
    for (let at = 0; at < 10; at += 1) {
      await people.nth(at * 7).click()
      await inspect(page, 'user')
    }
  },
}

async function filesAlone(bypassCSP) {
  const page = await visitor(bypassCSP)
  await logIn(page, 'zhao.min')
  const { customer_id: customer } = await officer('GET', `/api/v1/tickets/${ids[0]}`)
  const files = []
  for (let cursor = ''; cursor !== null; ) {
    const { items, next_cursor: next } = await officer('GET', `/api/v1/customers/${customer}/timeline?limit=100${cursor && `&cursor=${cursor}`}`)
    files.push(...items.flatMap(({ attachments }) => attachments))
    cursor = next
  }
  assert.ok(files.length >= 100, `${files.length} files`)
  for (const type of fileTypes) {
    const { id } = files.find(({ content_type }) => content_type === type) ?? files[0]
    await page.goto(`${base}/api/v1/attachments/${id}`).catch((error) => assert.match(String(error), /Download is starting|ERR_ABORTED/))
    await page.goto(`${base}/complain`)
    await page.evaluate((source) => {
      for (const name of ['iframe', 'embed', 'img', 'script']) document.body.appendChild(Object.assign(document.createElement(name), { src: source }))
    }, `/api/v1/attachments/${id}`)
    await page.waitForTimeout(100)
    const ran = page.trouble.filter((each) => each.startsWith('ran') || each.startsWith('foreign'))
    found.push(...ran.map((each) => `file of ${type}: ${each}`))
    page.trouble.splice(0)
    looked += 1
  }
  await page.context().close()
}

async function portal(bypassCSP) {
  for (const at of [0, 17, 34]) {
    const page = await visitor(bypassCSP)
    await page.goto(`${base}/complain`)
    await page.waitForSelector('html[data-ready]')
    await page.locator('#category-list input').first().check({ force: true })
    await page.fill('#problem', words(at))
    await page.fill('#name', short(payloads[at], 100))
    await page.fill('#phone', phone)
    await page.setInputFiles('#photo-input', some(at).slice(0, 3).map((name, which) => ({ name: name.replaceAll('/', '\u2215').replace(/[\r\n\0]/g, ' '), mimeType: 'image/png', buffer: Buffer.from(fileOf(fileTypes[which], at)) })))
    await inspect(page, `form ${at}`)
    await page.reload()
    await page.waitForSelector('html[data-ready]')
    await inspect(page, `draft ${at}`)
    await page.goto(`${base}/track/${dense[at]}`)
    await page.waitForSelector('html[data-ready]')
    await page.fill('#proof-contact', phone)
    await page.click('#proof-submit')
    await page.waitForSelector('#act-added_word, #act-reopen')
    await inspect(page, `case ${at}`)
    if (await page.locator('#act-added_word').count()) {
      await page.click('#act-added_word')
      await page.fill('#act-text', words(at))
      await page.click('.panel button[type=submit]')
      await page.waitForSelector('.said')
      await inspect(page, `said ${at}`)
    }
    await page.context().close()
  }
  const page = await visitor(bypassCSP)
  for (const payload of payloads.filter((_, at) => at % (full && bypassCSP ? 25 : 50) === 0)) {
    const said = encodeURIComponent(payload)
    for (const path of [`/track/${said}`, `/track?survey=${said}&number=${said}#${said}`, `/complain?category=${said}&lang=${said}#${said}`]) {
      await page.goto(base + path)
      await inspect(page, path)
    }
  }
  await page.context().close()
}

async function addressesOfTheConsole(bypassCSP) {
  for (const then of ['//evil.invalid/x', 'javascript:hyRan("then")', '/\\evil.invalid', 'https://evil.invalid/x']) {
    const page = await visitor(bypassCSP)
    await logInByForm(page, 'sun.lei', then)
    await inspect(page, `log-in then ${then}`)
    await page.context().close()
  }
  const page = await visitor(bypassCSP)
  await logIn(page, 'zhao.min')
  for (const payload of payloads.filter((_, at) => at % (full && bypassCSP ? 25 : 50) === 0)) {
    const said = encodeURIComponent(payload)
    for (const path of [`/tickets?view=${said}&q=${said}`, `/tickets/${said}`, `/customers?q=${said}`, `/${said}`, `/knowledge/${said}`]) {
      await go(page, path)
      await inspect(page, path)
    }
  }
  await page.context().close()
}

// One of each role; those of the short form see all that there is.
const people = full ? ['zhao.min', 'qian.li', 'admin', 'chen.jing', 'wang.qiang', 'zhang.wei', 'cao.yu', 'shen.yi'] : ['zhao.min', 'qian.li', 'admin', 'wang.qiang']
const works = (full ? [false, true] : [true]).flatMap((bypassCSP) => {
  const mode = bypassCSP ? 'without the policy' : 'with the policy'
  return [
    ...people.map((login) => () => console_(bypassCSP, login, mores[login])),
    () => filesAlone(bypassCSP), () => portal(bypassCSP), () => addressesOfTheConsole(bypassCSP),
  ].map((work) => () => work().catch((error) => found.push(`${mode}: ${error.stack}`)))
})
await each(works, (work) => work(), 4)
say(`${looked} pages looked at, ${full ? 'with the policy and without it' : 'without the policy'}`)

await browser.close()
await daemon.stop()
const kinds = [...new Set(found)]
for (const line of kinds.slice(0, 60)) console.log(line)
console.log(`${count} payloads, ${looked} pages, ${found.length} findings`)
process.exitCode = found.length > 0 ? 1 : 0
