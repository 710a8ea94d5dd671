// Registration, rules, audit and knowledge as people use them, in Chromium, against a daemon with the built console.
import assert from 'node:assert/strict'
import { apiAs, openAs, openBrowser, startDaemon } from './harness.mjs'
import { tellStory } from './story.mjs'

const daemon = await startDaemon()
await tellStory(daemon)
const browser = await openBrowser()
let failures = 0

async function check(name, run) {
  const began = Date.now()
  try {
    await run()
    console.log(`ok   ${name} (${((Date.now() - began) / 1_000).toFixed(1)} s)`)
  } catch (error) {
    failures += 1
    console.log(`FAIL ${name}\n${error.stack}`)
  }
}

// The one refused request may be the question who is logged in, or what the check provokes.
const open = (login, path) => openAs(browser, daemon.url, login, daemon.password, { path })
async function close(page) {
  const { complaints } = page
  await page.context().close()
  assert.deepEqual(complaints.filter((each) => !/status of 4\d\d/.test(each)), [])
}
const says = (page, selector, words) => page.waitForFunction(([where, text]) => [...document.querySelectorAll(where)].some((each) => each.textContent.includes(text)), [selector, words])

await check('an agent takes down a complaint by keyboard, for somebody on file', async () => {
  const page = await open('chen.jing', '/tickets')
  await page.waitForSelector('.listhead')
  await page.keyboard.press('c')
  await page.waitForSelector('.registration')
  await page.fill('[name=problem]', '电话里说：今天又没有报纸。')
  await page.keyboard.press('Control+Enter')
  await says(page, '[role=alert]', '还有要填的')
  await page.fill('[name=phone]', '13820010001')
  await page.click('.beside .qitem')
  await page.waitForSelector('.known')
  await page.waitForSelector('.beside a.qitem')
  await page.selectOption('fieldset:nth-of-type(2) select >> nth=0', 'missed_copy')
  await page.waitForSelector('.beside dl dd')
  await page.reload()
  await page.waitForSelector('.known')
  assert.equal(await page.inputValue('[name=problem]'), '电话里说：今天又没有报纸。', 'a reload loses nothing')
  await page.focus('[name=problem]')
  await page.keyboard.press('Control+Enter')
  await page.waitForURL(/\/tickets\/[0-9a-f-]{36}$/)
  await says(page, 'main', '电话里说：今天又没有报纸。')
  await close(page)
})

await check('a limit is tried, published, and seen by the next ticket; a stale draft says so', async () => {
  const admin = await apiAs(daemon, 'admin')
  const { version } = await admin('GET', '/api/v1/rules')
  const [first, second] = [await open('admin', '/settings/categories/missed_copy'), await open('admin', '/settings/categories/missed_copy')]
  const accept = 'tr:has(th:text-is("签收")) input'
  for (const page of [first, second]) await page.waitForSelector(accept)
  const before = await first.textContent('.pv')
  await first.fill(accept, '45')
  await first.waitForFunction((text) => document.querySelector('.pv') && document.querySelector('.pv').textContent !== text, before)
  await says(first, '.sla', '原 30 分钟')
  await first.fill(accept, '')
  await first.waitForSelector('.sla .over')
  await first.fill(accept, '45')
  await first.click('.callhead2 .btn.pri')
  await says(first, '.dialog', '45 分钟')
  await first.click('.dialog footer .btn.pri')
  await says(first, '.crumbs', `第 ${version + 1} 版`)
  await second.waitForSelector('.callhead2')
  await second.fill('tr:has(th:text-is("联系客户")) input', '3')
  await second.waitForSelector('.tag.warn')
  await admin('POST', '/api/v1/rules', { body: { categories: [{ code: 'missed_copy', priority: 'P1' }] }, version: version + 1 })
  await says(second, '[role=alert]', `第 ${version + 2} 版`)
  await second.click('[role=alert] .btn')
  await second.waitForFunction(() => document.querySelector('.callhead2 .btn.pri')?.getAttribute('aria-disabled') !== 'true')
  await second.click('.callhead2 .btn.pri')
  await second.waitForSelector('.dialog table')
  await second.click('.dialog footer .btn.pri')
  await says(second, '.crumbs', `第 ${version + 3} 版`)
  const { categories } = await admin('GET', '/api/v1/rules')
  const { priority, targets } = categories.find(({ code }) => code === 'missed_copy')
  assert.equal(priority, 'P1')
  assert.equal(targets.find(({ kind }) => kind === 'accept').says, '45m station')
  assert.equal(targets.find(({ kind }) => kind === 'contact_customer').says, '3h station')
  await close(first)
  await close(second)
})

await check('a category is added like another one, tried, and published', async () => {
  const page = await open('admin', '/settings/categories/missed_copy')
  await page.click('.views .iconbtn')
  const fields = page.locator('.dialog input')
  for (const [at, text] of ['报纸淋湿', '報紙淋濕', 'Wet copy'].entries()) await fields.nth(at).fill(text)
  await fields.nth(3).fill('missed_copy')
  await says(page, '.dialog', '已经有了')
  await fields.nth(3).fill('wet_copy')
  await page.selectOption('.dialog select', 'late_or_damaged')
  await page.click('.dialog button[type=submit]')
  await page.waitForURL(/\/settings\/categories\/wet_copy$/)
  await says(page, 'main h1', '报纸淋湿')
  await page.fill('tr:has(th:text-is("签收")) input', '20')
  await page.waitForSelector('.pv')
  await page.click('.callhead2 .btn.pri')
  await page.waitForSelector('.dialog table')
  await page.click('.dialog footer .btn.pri')
  await page.waitForSelector('.dialog', { state: 'detached' })
  const { categories } = await (await apiAs(daemon, 'admin'))('GET', '/api/v1/rules')
  const [made, like] = ['wet_copy', 'late_or_damaged'].map((wanted) => categories.find(({ code }) => code === wanted))
  assert.deepEqual(made.name, { 'zh-CN': '报纸淋湿', 'zh-TW': '報紙淋濕', en: 'Wet copy' })
  assert.equal(made.targets.find(({ kind }) => kind === 'accept').says, '20h station')
  const { code: _, name: __, targets, ...rest } = made
  const { code: ___, name: ____, targets: theirs, ...others } = like
  assert.deepEqual(rest, others)
  assert.deepEqual(targets.filter(({ kind }) => kind !== 'accept'), theirs.filter(({ kind }) => kind !== 'accept'))
  await close(page)
})

await check('a year is entered by keyboard and saved', async () => {
  const page = await open('admin', '/settings/calendars')
  await page.waitForSelector('.yearhead')
  while ((await page.locator('.yearhead ~ .empty').count()) === 0) await page.click('.yearhead .iconbtn >> nth=1')
  const year = Number(await page.textContent('.yearhead b'))
  await page.click('.empty .btn')
  await page.focus(`[data-date="${year}-01-01"]`)
  await page.keyboard.press('Enter')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  assert.equal(await page.getAttribute(`[data-date="${year}-01-02"]`, 'aria-pressed'), 'true')
  await page.fill('.source input', '国务院办公厅通知')
  await page.click('.sheethead .btn.pri')
  await says(page, '.dialog', `cn ${year}`)
  await page.click('.dialog footer .btn.pri')
  await page.waitForSelector('.dialog', { state: 'detached' })
  const { calendar_years: years } = await (await apiAs(daemon, 'admin'))('GET', '/api/v1/rules')
  const { off, work, source } = years.find((each) => each.year === year)
  assert.deepEqual({ off, work, source }, { off: ['01-01'], work: ['01-02'], source: '国务院办公厅通知' })
  await close(page)
})

await check('versions are compared, the audit names who did it, the journal holds', async () => {
  const page = await open('admin', '/settings/packs')
  await page.click('button:has-text("和现行比")')
  await page.waitForSelector('.chosen .change')
  await page.click('nav a[href="/settings/audit"]')
  await page.fill('input[list=audit-kinds]', 'pack.*')
  await says(page, 'tbody', '发布规则')
  await says(page, 'tbody', '管理员')
  await page.click('nav a[href="/settings/journal"]')
  await page.click('.sheethead .btn.pri')
  await says(page, '.panel h2', '日志完好')
  await close(page)
})

await check('a notice is written, reviewed by another, and acknowledged by the front line', async () => {
  const writer = await open('cao.yu', '/notices')
  await writer.click('.sheethead .btn.pri')
  await writer.fill('.editor .fld input >> nth=0', '明天停刊一天')
  await writer.fill('.editor textarea', '印厂检修，明天不出报，后天一起送。')
  await writer.check('label:has-text("客服坐席") input, label:has-text("坐席") input')
  await writer.check('label:has-text("知道了，照办") input')
  await writer.click('.editor button[type=submit]')
  await writer.click('.item .btn.pri:has-text("送审")')
  await writer.waitForSelector('.item .tag.warn')
  assert.ok(await writer.isVisible('text=自己写的要别人审'))
  const address = new URL(writer.url()).pathname
  const agent = await open('chen.jing', '/notices')
  const reviewer = await open('qian.li', address)
  await reviewer.click('.item .panel .btn.pri')
  await reviewer.waitForSelector('.item .tag.ok')
  await says(agent, '.pending', '明天停刊一天')
  await agent.click('.pending .btn.pri')
  await agent.waitForSelector('.pending', { state: 'detached' })
  await reviewer.click('.item .seg button:has-text("谁看过")')
  await says(reviewer, '.item tbody', '陈静')
  for (const page of [writer, agent, reviewer]) await close(page)
})

await check('a reply is kept with its variables', async () => {
  const page = await open('chen.jing', '/canned-replies')
  await page.click('.sheethead .btn.pri')
  await page.fill('.canform .fld input', '受理')
  await page.fill('.canform textarea', '您好，您的投诉')
  await page.click('.canform button:has-text("单号")')
  assert.equal(await page.inputValue('.canform textarea'), '您好，您的投诉{number}')
  await page.click('.canform button[type=submit]')
  await says(page, '.list .qitem', '受理')
  await close(page)
})

await browser.close()
await daemon.stop()
process.exitCode = failures > 0 ? 1 : 0
