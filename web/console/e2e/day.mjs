// A whole day of one complaint in Chromium, by clicks and keys of five people: from the customer's form to a content customer,
// with every other open screen watched. Then a dead line of a minute, a restart of the daemon, two people on one ticket.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { apiAs, lineTo, logIn, newPage, openBrowser, patience, picture, startDaemon } from './harness.mjs'
import { tellStory } from './story.mjs'

/** With HUIYIN_BUSY the machine has other work: how long the screens needed is told and not judged. */
const busy = Boolean(process.env.HUIYIN_BUSY)
const shownWithin = 1_000
/** A screen needs some questions one after the other; where the machine is so busy that they take a second, they count. */
const questions = 8
const minute = 60_000
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

const daemon = await startDaemon()
const { ids } = await tellStory(daemon)
const browser = await openBrowser()
const contexts = []
const lines = []
const delays = []
let failures = 0

async function check(name, run) {
  const began = Date.now()
  if (failures > 0) return console.log(`     not tried: ${name}`)
  try {
    await run()
    console.log(`ok   ${name} (${((Date.now() - began) / 1_000).toFixed(1)} s)`)
  } catch (error) {
    failures += 1
    console.log(`FAIL ${name}\n${error.stack}`)
    if (process.env.HUIYIN_SHOTS) for (const [at, page] of contexts.flatMap((context) => context.pages()).entries()) await picture(page, `day-${at}`)
  }
}

/** Away from what was clicked: a list under the pointer keeps its order. */
const aside = (page) => page.mouse.move(700, 20)

async function ownLine() {
  const line = await lineTo(daemon)
  lines.push(line)
  return line
}

async function person(login, path, line = daemon) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  contexts.push(context)
  const page = await logIn(context, line.url, login, daemon.password, path)
  await aside(page)
  return { context, page, line, base: line.url }
}

/** Runs in the page: whether something that `selector` finds says all these words. */
const says = ([selector, words]) => [...document.querySelectorAll(selector)].some((each) => words.every((word) => each.textContent.includes(word)))
const saysNot = ([selector, words]) => ![...document.querySelectorAll(selector)].some((each) => words.every((word) => each.textContent.includes(word)))

const shows = (title, page, selector, ...words) => ({ title, page, run: says, args: [selector, words] })
const hides = (title, page, selector, ...words) => ({ title, page, run: saysNot, args: [selector, words] })
const until = ({ page, run, args }) => page.waitForFunction(run, args, { polling: 20, timeout: patience })

async function eventually(what, holds) {
  for (const end = performance.now() + patience; !(await holds()); await new Promise((resolve) => setTimeout(resolve, 100)))
    assert.ok(performance.now() < end, `in vain: ${what}`)
}

/** Jiffies that the processors had since the start of the machine, and those of them that the host gave to others. */
async function processorTime() {
  const jiffies = (await readFile('/proc/stat', 'utf8')).split('\n', 1)[0].trim().split(/\s+/).slice(1, 9).map(Number)
  return { all: jiffies.reduce((sum, each) => sum + each, 0), stolen: jiffies[7] }
}

/** The longest that a page and the daemon need for one question, asked over and over until `over`: what a busy machine adds. */
async function breathUntil(page, over) {
  let ended = false
  void over.finally(() => (ended = true))
  let longest = 0
  do {
    const began = performance.now()
    await page.evaluate(() => fetch('/healthz', { cache: 'no-store' }).then((answer) => answer.text()))
    longest = Math.max(longest, performance.now() - began)
    await new Promise((resolve) => setTimeout(resolve, 100))
  } while (!ended)
  return longest
}

/** One act of one person, and what each other open screen must show: how long after the answer is judged at the end. */
async function act(name, page, run, expected) {
  const answered = page
    .waitForResponse((response) => response.request().method() === 'POST' && /\/(tickets|complaints)\b/.test(response.url()), { timeout: patience })
    .then(async (response) => {
      assert.ok(response.ok(), `${name}: ${response.status()} ${await response.text().catch(() => '')}`)
      return performance.now()
    })
  const seen = expected.map((each) =>
    until(each).then(
      () => ({ title: each.title, at: performance.now() }),
      (error) => ({ title: each.title, error }),
    ),
  )
  const over = Promise.all(seen)
  const before = await processorTime()
  await Promise.all([answered, run()])
  const breath = await breathUntil(page, over)
  const at = await answered
  const after = await processorTime()
  const ours = 1 - (after.stolen - before.stolen) / Math.max(1, after.all - before.all)
  for (const { title, at: seenAt, error } of await over) {
    assert.ok(!error, `${name}: ${title} never showed it`)
    delays.push({ name, title, took: Math.max(0, seenAt - at), breath, ours })
  }
}

let customer, officer, handler, leader, caller, watcher, list, board, whole
let number = ''
let id = ''
let open = 0

const row = (...words) => shows('the list', list, '.grid tbody tr', number, ...words)
const counts = (view, n) => shows(`the count of ${view}`, list, `.views a[href*="view=${view}"] .num`, String(n))

await check('five people and a supervisor log in and open their screens', async () => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  contexts.push(context)
  customer = { context, page: await newPage(context, daemon.url) }
  await customer.page.goto(`${daemon.url}/complain`)
  officer = await person('zhao.min', '/officer', await ownLine())
  handler = await person('ma.chao', '/department', await ownLine())
  leader = await person('guo.jun', '/approvals')
  caller = await person('chen.jing', '/callback')
  watcher = await person('qian.li', '/tickets?view=all_open')
  list = watcher.page
  board = await newPage(watcher.context, watcher.base)
  await board.goto(`${watcher.base}/board`)
  await board.waitForSelector('.kpi b')
  await list.waitForSelector('.grid tbody a')
  open = Object.keys(ids).length
  await until(counts('all_open', open))
})

const boardOpen = (n) => shows('the board', board, '.kpi[href="/board/tickets"] b', String(n))

await check('the customer complains by the form', async () => {
  const { page } = customer
  await page.locator('label:has(input[value=missed_copy])').click()
  await page.fill('#problem', '今天早上又没有《晨报》，这周第二次了。')
  await page.fill('#name', '高女士')
  await page.fill('#phone', '13602175601')
  const problem = '今天早上又没有'
  await act('complaint', page, () => page.click('#submit'), [
    shows('the officer’s queue', officer.page, '.qitem', problem),
    shows('the list', list, '.grid tbody tr', problem),
    counts('all_open', open + 1),
    boardOpen(open + 1),
  ])
  number = (await page.textContent('#number')).trim()
  await page.click('#receipt a.pbtn')
  await page.waitForSelector('#case .pl')
  const link = list.locator('.grid tbody tr', { hasText: number }).locator('a').first()
  id = (await link.getAttribute('href')).split('/').at(-1)
  whole = await newPage(watcher.context, watcher.base)
  await whole.goto(`${watcher.base}/tickets/${id}`)
  await whole.waitForSelector('.thead h1')
})

/** The officer's desk or the leader's: picks the ticket in the queue. */
async function pickIn({ page }) {
  await page.locator('.qitem', { hasText: number }).first().click()
  await page.locator('.casehead', { hasText: number }).waitFor()
  await aside(page)
}

const submitOf = (page) => page.locator('.actform button[type=submit]')

await check('the officer classifies and dispatches', async () => {
  const { page } = officer
  await pickIn(officer)
  await page.locator('.actform select').first().selectOption('missed_copy')
  await act('classification', page, () => submitOf(page).click(), [row('判定'), shows('the ticket page', whole, '.loop li[aria-current]', '判定')])
  await pickIn(officer)
  await page.getByRole('button', { name: '成立并派单' }).first().waitFor()
  await act('dispatch', page, () => submitOf(page).click(), [
    row('签收', '发行总站'),
    shows('the department’s lane', handler.page, '.lane:nth-of-type(1) .job', number),
    hides('the officer’s queue', page, '.qitem:not(.gone)', number),
    counts('all_open', open + 1),
  ])
})

const card = () => handler.page.locator('.job', { hasText: number })

async function signsAndContacts() {
  const { page } = handler
  await card().click({ position: { x: 10, y: 40 } })
  await aside(page)
  await act('acceptance', page, () => page.keyboard.press('s'), [row('处理'), shows('the lane at work', page, '.lane:not(:first-of-type) .job', number)])
  await card().getByRole('button', { name: '记联系' }).click()
  await page.locator('.modal textarea').first().fill('与订户通话，说明今天上门补送。')
  await act('contact', page, () => page.keyboard.press('Control+Enter'), [shows('the ticket page', whole, '.ticketpage', '与订户通话，说明今天上门补送。')])
}

async function proposes(round) {
  const { page } = handler
  await card().click({ position: { x: 10, y: 40 } })
  await aside(page)
  await page.keyboard.press('p')
  await page.locator('.modal textarea').first().fill(`第 ${round} 轮方案：补送漏掉的两期，换投递员。`)
  const selects = page.locator('.modal select')
  await selects.nth(0).selectOption({ index: 1 })
  await page.locator('.modal .fld', { hasText: '没有责任人的原因' }).locator('select').selectOption('process_fault')
  await act('solution', page, () => page.locator('.modal textarea').first().press('Control+Enter'), [
    row('审批'),
    shows('the leader’s queue', leader.page, '.qitem', number),
    shows('the ticket page', whole, '.ticketpage', `第 ${round} 轮方案`),
  ])
  await pickIn(leader)
  await leader.page.locator('.actform textarea').first().fill('同意')
  await act('approval', leader.page, () => submitOf(leader.page).click(), [
    row('执行'),
    hides('the leader’s queue', leader.page, '.qitem:not(.gone)', number),
    shows('the handler’s card', page, '.job', number, '回单'),
  ])
}

async function completes(round) {
  const { page } = handler
  await aside(page)
  await card().getByRole('link', { name: number }).focus()
  await page.keyboard.press('Enter')
  await page.waitForSelector('.ticketpage')
  await page.keyboard.press('n')
  await page.locator('.replybox textarea').fill(`第 ${round} 轮的签收照片`)
  await page.locator('.replybox input[type=file]').setInputFiles({ name: `签收-${round}.png`, mimeType: 'image/png', buffer: png })
  await act('note with a photo', page, () => page.locator('.replybox textarea').press('Control+Enter'), [shows('the ticket page', whole, '.ticketpage', `签收-${round}.png`)])
  if (round > 1) {
    await page.keyboard.press('d')
    await page.locator('.modal label', { hasText: '电话' }).click()
    // Where that is not taken for granted.
    const reached = page.locator('.modal label', { hasText: '联系上了' })
    if ((await reached.count()) > 0) await reached.first().click()
    await page.locator('.modal textarea').fill('再次致电，约好今天补齐。')
    await act('contact in the second round', page, () => page.locator('.modal button[type=submit]').click(), [shows('the ticket page', whole, '.ticketpage', '再次致电，约好今天补齐。')])
    await page.locator('.modal').waitFor({ state: 'detached' })
    await page.locator('.next textarea').waitFor()
  }
  await page.keyboard.press('y')
  await page.locator('.next textarea').fill(`第 ${round} 轮：17:10 上门补送，客户签收。`)
  await page.locator('.next input[type=checkbox]').check()
  await page.locator('.next .fld', { hasText: '哪一次联系' }).locator('select').selectOption({ index: 1 })
  await page.locator('.next input[type=number]').fill('1')
  await act('completion', page, () => submitOf(page).click(), [row('审核'), shows('the officer’s queue', officer.page, '.qitem', number)])
  await pickIn(officer)
  await officer.page.keyboard.press('a')
  await act('pass', officer.page, () => submitOf(officer.page).click(), [row('回访'), shows('the callback queue', caller.page, '.qitem', '高女士')])
  await page.keyboard.press('g')
  await page.keyboard.press('d')
  await page.waitForSelector('.lane')
}

async function calls(answers, expected) {
  const { page } = caller
  await page.locator('.qitem', { hasText: '高女士' }).first().click()
  await page.locator('.callhead', { hasText: number }).waitFor()
  await page.locator('.verdict').waitFor()
  // Outside the hours of calls the customer has to come by himself.
  if ((await page.locator('.callhead a[href^="tel:"]').count()) === 0) await page.getByLabel('客户自己打来或来访').check()
  await page.locator(`label:has(input[name=solved][value=${answers.solved}])`).click()
  await page.locator(`label:has(input[name=result][value="${answers.result}"])`).click()
  if (answers.reason) await page.locator('.verdict select').selectOption({ index: 1 })
  await page.locator('.verdict textarea').fill(answers.words)
  await aside(page)
  await act('verdict', page, () => page.keyboard.press('Control+Enter'), expected)
}

await check('the handler signs, contacts and proposes; the leader approves', async () => {
  await signsAndContacts()
  await proposes(1)
})
await check('the handler completes with evidence and the officer passes it', () => completes(1))
await check('the customer is called and is not content: a second round', () =>
  calls({ solved: 'no', result: 1, reason: true, words: '还差 13 日那期' }, [
    row('第 2 轮'),
    shows('the department’s lane', handler.page, '.job', number, '第 2 轮'),
    shows('the ticket page', whole, '.ticketpage', '第 2 轮'),
    counts('round_2', 1),
  ]))
await check('the second round, up to the reply', async () => {
  await proposes(2)
  await completes(2)
})
await check('now he is content: closed', async () => {
  await calls({ solved: 'yes', result: 5, words: '这次好了' }, [
    hides('the list', list, '.grid tbody tr:not(.gone)', number),
    counts('all_open', open),
    boardOpen(open),
    hides('the callback queue', caller.page, 'button.qitem', '高女士'),
  ])
  await customer.page.reload()
  await customer.page.waitForSelector('#act-reopen')
})

await check(busy ? 'how long each open screen needed for each act' : 'each open screen showed each act within a second', () => {
  const sorted = delays.map((each) => ({ ...each, limit: Math.max(shownWithin / each.ours, questions * each.breath) })).sort((a, b) => b.took - a.took)
  const tell = ({ name, title, took, breath, ours }) =>
    `${title} ${Math.round(took)} ms after ${name} (a question took up to ${Math.round(breath)} ms, ${Math.round(100 * (1 - ours))} % of the processors were taken)`
  console.log(`     ${sorted.length} screens watched: half within ${Math.round(sorted[sorted.length >> 1].took)} ms, the slowest: ${tell(sorted[0])}`)
  if (!busy) assert.deepEqual(sorted.filter(({ took, limit }) => took > limit).map(tell), [])
})

/** The requests of a page within some time. */
async function requestsOf(page, run) {
  const asked = []
  const listen = (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`)
  page.on('request', listen)
  await run()
  page.off('request', listen)
  return asked
}

const api = await apiAs(daemon, 'zhao.min')
const actBy = async (ticket, name, body = {}, who = api) => {
  const { version } = await who('GET', `/api/v1/tickets/${ticket}`)
  return who('POST', `/api/v1/tickets/${ticket}/${name}`, { body, version })
}
const numberOf = async (ticket) => (await api('GET', `/api/v1/tickets/${ticket}`)).number

await check('a dead line of 60 s: said on screen, and nothing is missing afterwards', async () => {
  const dead = performance.now()
  officer.line.silence()
  handler.line.cut()
  const judged = await numberOf(ids.judge)
  const review = await numberOf(ids.review)
  await actBy(ids.judge, 'dispatch')
  await actBy(ids.review, 'pass')
  await until(shows('the list', list, '.grid tbody tr', review, '回访'))
  await handler.page.locator('.stalebar').waitFor()
  // A line that is dead without having said so is noticed by its silence.
  await officer.page.locator('.stalebar').waitFor()
  assert.ok(await officer.page.evaluate(says, ['.qitem', [review]]), 'what was shown stays')
  await new Promise((resolve) => setTimeout(resolve, minute + 500 - (performance.now() - dead)))
  assert.ok(performance.now() - dead >= minute)
  const asked = await requestsOf(officer.page, async () => {
    officer.line.mend()
    handler.line.mend()
    const mended = performance.now()
    await until(hides('the officer’s queue', officer.page, '.qitem:not(.gone)', review))
    await until(hides('the officer’s queue', officer.page, '.qitem:not(.gone)', judged))
    await officer.page.locator('.stalebar').waitFor({ state: 'detached' })
    await handler.page.locator('.stalebar').waitFor({ state: 'detached' })
    console.log(`     recovered ${((performance.now() - mended) / 1_000).toFixed(1)} s after the line`)
    await officer.page.waitForTimeout(1_000)
  })
  assert.ok(asked.length <= 30, `a storm of ${asked.length} requests after the line came back:\n${asked.join('\n')}`)
  console.log(`     ${asked.length} requests of the desk after the line came back`)
})

await check('a restart of the daemon loses no word: a half-written note stays, and a reload brings it back', async () => {
  const { page } = handler
  await page.goto(`${handler.base}/tickets/${ids.callback}`).catch(() => {})
  await page.goto(`${handler.base}/department`)
  await officer.page.goto(`${officer.base}/tickets/${ids.work}`)
  await officer.page.waitForSelector('.ticketpage')
  await officer.page.keyboard.press('n')
  const words = '写到一半：物业说门禁卡'
  await officer.page.locator('.replybox textarea').fill(words)
  await daemon.restart(async () => {
    await officer.page.locator('.replybox textarea').press('End')
    await officer.page.keyboard.type('下周才有')
    await officer.page.waitForTimeout(6_500)
    await officer.page.locator('.stalebar').waitFor()
  })
  await officer.page.locator('.stalebar').waitFor({ state: 'detached' })
  assert.equal(await officer.page.inputValue('.replybox textarea'), `${words}下周才有`)
  const asked = await apiAs(daemon, 'zhao.min')
  await eventually('the draft is on the server', async () => {
    const { body } = await asked('GET', `/api/v1/drafts/note:${ids.work}`).catch(() => ({ body: '' }))
    return body.includes(`${words}下周才有`)
  })
  await officer.page.evaluate(() => localStorage.clear())
  await officer.page.reload()
  await officer.page.waitForSelector('.ticketpage')
  await officer.page.keyboard.press('n')
  await officer.page.waitForFunction((wanted) => document.querySelector('.replybox textarea')?.value === wanted, `${words}下周才有`)
  await officer.page.keyboard.press('Escape')
  // The other screens go on by themselves, without a reload.
  const fresh = await apiAs(daemon, 'zhao.min')
  await act('an urge after the restart', officer.page, async () => {
    await officer.page.keyboard.press('u')
    await submitOf(officer.page).last().click()
  }, [shows('the list', list, '.grid tbody tr', await numberOf2(fresh, ids.work), '催办')])
})

async function numberOf2(who, ticket) {
  return (await who('GET', `/api/v1/tickets/${ticket}`)).number
}

await check('two people on one ticket see each other look and write', async () => {
  await leader.page.goto(`${leader.base}/tickets/${ids.work}`).catch(() => {})
  await list.goto(`${watcher.base}/tickets/${ids.work}`)
  await officer.page.waitForSelector('.ticketpage')
  await until(shows('the supervisor’s page', list, '.here', '赵敏在看'))
  await until(shows('the officer’s page', officer.page, '.here', '钱莉在看'))
  await officer.page.keyboard.press('n')
  await officer.page.locator('.replybox textarea').pressSequentially('，再问一次')
  await until(shows('the supervisor’s page', list, '.here', '赵敏正在写（写备注）'))
  await officer.page.keyboard.press('Escape')
  await until(shows('the supervisor’s page', list, '.here', '赵敏在看'))
})

await check('a write on what has changed is refused with both sides; nothing is lost, and it goes on top', async () => {
  const line = await ownLine()
  const other = await person('wang.qiang', `/tickets/${ids.work}`, line)
  const { page } = other
  await page.waitForSelector('.ticketpage .next')
  const solution = page.locator('.next textarea').first()
  await solution.fill('明天起由田春雨投递')
  await page.locator('.next select').first().selectOption({ index: 1 })
  await page.locator('.next .fld', { hasText: '没有责任人的原因' }).locator('select').selectOption('process_fault')
  await page.locator('.next input[type=radio]').first().check()
  line.cut()
  await page.waitForTimeout(300)
  const now = await apiAs(daemon, 'li.na')
  await actBy(ids.work, 'solutions', { kind: 'fix', text: '今天先补送两期', cost_cents: 0, root_cause: 'building_access', no_responsible_reason: 'process_fault' }, now)
  const chief = await apiAs(daemon, 'zhang.wei')
  await actBy(ids.work, 'rejections', { comment: '再想想' }, chief)
  // The line is there again, but neither the stream nor what the page asks for: he submits on what he has seen.
  await page.routeWebSocket(/stream/, () => {})
  let answer
  const answered = new Promise((resolve) => (answer = resolve))
  const later = (route) => (route.request().method() === 'GET' ? answered : Promise.resolve()).then(() => route.continue()).catch(() => {})
  await page.route(/\/api\//, later)
  line.mend()
  const refused = page.waitForResponse((response) => response.request().method() === 'POST' && response.url().endsWith('/solutions'))
  await submitOf(page).first().click()
  assert.equal((await refused).status(), 412)
  answer()
  await page.unroute(/\/api\//, later)
  // It is said at once; what the others did follows with the newest ticket.
  const conflict = page.locator('.conflict', { hasText: '今天先补送两期' })
  await conflict.waitFor()
  const said = await conflict.textContent()
  assert.match(said, /今天先补送两期/)
  assert.match(said, /明天起由田春雨投递/)
  assert.equal(await solution.inputValue(), '明天起由田春雨投递')
  await page.locator('.actform button[type=submit]', { hasText: '按最新情况提交' }).click()
  await until(shows('his page', page, '.ticketpage', '明天起由田春雨投递', '待审批'))
})

for (const { page } of [officer, handler, leader, caller, watcher]) assert.deepEqual(page.complaints.filter((each) => !/401|ERR_|WebSocket|412/.test(each)), [])
for (const context of contexts) await context.close()
for (const line of lines) line.stop()
await browser.close()
await daemon.stop()
process.exitCode = failures > 0 ? 1 : 0
