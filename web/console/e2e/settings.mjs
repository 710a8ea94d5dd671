// Registration, rules, audit and knowledge as people use them, against a daemon with the built console; then a picture of
// each page in both themes, three languages and on a phone, with axe over each. HUIYIN_SHOTS names a folder for the pictures.
// node console/e2e/settings.mjs, after a build.
import assert from 'node:assert/strict'
import { apiAs, axe, openAs, openBrowser, picture, startDaemon } from './harness.mjs'
import { tellStory } from './story.mjs'

const daemon = await startDaemon()
await tellStory(daemon)
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

// The one refused request may be the question who is logged in, or what the check provokes.
async function open(login, path, options = {}) {
  const page = await openAs(browser, daemon.url, login, daemon.password, { path, ...options })
  page.setDefaultTimeout(60_000)
  return page
}
async function close(page) {
  const { complaints } = page
  await page.context().close()
  assert.deepEqual(complaints.filter((each) => !/status of 4\d\d/.test(each)), [])
}
const says = (page, selector, words) => page.waitForFunction(([where, text]) => [...document.querySelectorAll(where)].some((each) => each.textContent.includes(text)), [selector, words], { timeout: 60_000 })

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
  await says(first, '.crumbs', '第 2 版')
  await second.waitForSelector('.callhead2')
  await second.fill('tr:has(th:text-is("联系客户")) input', '3')
  await second.waitForSelector('.tag.warn')
  const admin = await apiAs(daemon, 'admin')
  await admin('POST', '/api/v1/rules', { body: { categories: [{ code: 'missed_copy', priority: 'P1' }] }, version: 2 })
  await says(second, '[role=alert]', '第 3 版')
  await second.click('[role=alert] .btn')
  await second.waitForFunction(() => document.querySelector('.callhead2 .btn.pri')?.getAttribute('aria-disabled') !== 'true')
  await second.click('.callhead2 .btn.pri')
  await second.waitForSelector('.dialog table')
  await second.click('.dialog footer .btn.pri')
  await says(second, '.crumbs', '第 4 版')
  const { categories } = await admin('GET', '/api/v1/rules')
  const { priority, targets } = categories.find(({ code }) => code === 'missed_copy')
  assert.equal(priority, 'P1')
  assert.equal(targets.find(({ kind }) => kind === 'accept').says, '45m station')
  assert.equal(targets.find(({ kind }) => kind === 'contact_customer').says, '3h station')
  await close(first)
  await close(second)
})

await check('a year is entered by keyboard and saved', async () => {
  const page = await open('admin', '/settings/calendars')
  await page.waitForSelector('.yearhead')
  while (!(await page.textContent('.yearhead b')).includes('2027')) await page.click('.yearhead .iconbtn >> nth=1')
  await page.click('.empty .btn, main button:has-text("填 2027 年")')
  await page.focus('[data-date="2027-01-01"]')
  await page.keyboard.press('Enter')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  assert.equal(await page.getAttribute('[data-date="2027-01-02"]', 'aria-pressed'), 'true')
  await page.fill('.source input', '国务院办公厅通知')
  await page.click('.sheethead .btn.pri')
  await says(page, '.dialog', 'cn 2027')
  await page.click('.dialog footer .btn.pri')
  await page.waitForSelector('.dialog', { state: 'detached' })
  const { calendar_years: years } = await (await apiAs(daemon, 'admin'))('GET', '/api/v1/rules')
  const { off, work, source } = years.find(({ year }) => year === 2027)
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

const quality = await apiAs(daemon, 'cao.yu')
const supervisor = await apiAs(daemon, 'qian.li')
const words = (title, body) => ({ 'zh-CN': { title, body }, en: { title: `${title} (en)`, body } })
for (const [kind, title, body] of [
  ['article', '漏投补送怎么办', '1. 核对订阅和地址。\n2. 当天 17:30 前补送，补不了的赠阅。\n3. 记下投递员和原因。'],
  ['canonical_answer', '停刊补报', '停刊当天的报纸不补，后一天合刊送到。'],
]) {
  const made = await quality('POST', '/api/v1/knowledge', { body: { kind, words: words(title, body), categories: ['missed_copy'] } }).catch(() => null)
  if (made === null) break
  const waiting = await quality('POST', `/api/v1/knowledge/${made.id}/submission`, { body: {}, version: made.version })
  await supervisor('POST', `/api/v1/knowledge/${made.id}/review`, { body: { approved: true }, version: waiting.version })
}

const phone = { width: 390, height: 844 }
const looks = { light: {}, dark: { theme: 'dark' }, 'zh-TW': { language: 'zh-TW' }, en: { language: 'en' }, phone, 'phone-en-dark': { ...phone, language: 'en', theme: 'dark' } }
const pages = {
  registration: ['chen.jing', '/new', '.registration', async (page) => {
    await page.fill('[name=phone]', '13820010001')
    await page.selectOption('fieldset:nth-of-type(2) select >> nth=0', 'missed_copy')
  }],
  categories: ['admin', '/settings/categories/missed_copy', '.pv', async (page) => page.fill('.sla input >> nth=2', '45')],
  calendars: ['admin', '/settings/calendars', '.year'],
  packs: ['admin', '/settings/packs', 'tbody tr'],
  reasons: ['admin', '/settings/rules', '.cards'],
  audit: ['admin', '/settings/audit', 'tbody tr'],
  journal: ['admin', '/settings/journal', '.panel'],
  articles: ['cao.yu', '/knowledge', '.qitem', async (page) => {
    await page.click('.qitem')
    await page.waitForSelector('.item')
  }],
  writing: ['cao.yu', '/notices', '.sheethead', async (page) => page.click('.sheethead .btn.pri')],
  notices: ['wang.qiang', '/notices', '.sheethead'],
  canned: ['chen.jing', '/canned-replies', '.qitem', async (page) => page.click('.qitem')],
  cases: ['cao.yu', '/cases', '.sheethead'],
}
const wanted = process.argv.slice(2)
for (const [name, [login, path, ready, prepare]] of Object.entries(pages))
  for (const [look, options] of Object.entries(looks)) {
    const title = `s-${name}-${look}`
    if (wanted.length > 0 && !wanted.some((each) => title.startsWith(`s-${each}`))) continue
    await check(`looks right: ${title}`, async () => {
      const page = await open(login, path, options)
      await page.waitForSelector(ready)
      await prepare?.(page)
      await page.waitForLoadState('networkidle').catch(() => {})
      if (process.env.HUIYIN_SHOTS) await picture(page, title)
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.ok(wider <= 0, `${wider} px too wide`)
      assert.deepEqual(await axe(page), [])
      await close(page)
    })
  }

await browser.close()
await daemon.stop()
process.exitCode = failures > 0 ? 1 : 0
