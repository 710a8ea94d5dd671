// Every page at 1440 and 390 px, in both themes and languages: axe finds nothing, no text is cut, nothing is wider than the
// screen. With HUIYIN_TEST_FULL all ten looks, zh-TW too. Pictures of each look go to HUIYIN_SHOTS where that is set; arguments
// choose pages by the beginning of their name.
import { apiAs, axe, openAs, openBrowser, picture, startDaemon } from './harness.mjs'
import { tellStory } from './story.mjs'

const daemon = await startDaemon({ settings: '[limits]\nper_address_per_minute = 0\ncomplaints_per_address_per_minute = 0\n' })
const { ids } = await tellStory(daemon)
const officer = await apiAs(daemon, 'zhao.min')
const { customer_id: customer } = await officer('GET', `/api/v1/tickets/${ids.work}`)
await writeKnowledge()
const browser = await openBrowser()

/** What the front line reads, and a reply that somebody keeps. */
async function writeKnowledge() {
  const [quality, supervisor] = [await apiAs(daemon, 'cao.yu'), await apiAs(daemon, 'qian.li')]
  for (const [kind, title, body] of [
    ['article', '漏投补送怎么办', '1. 核对订阅和地址。\n2. 当天 17:30 前补送，补不了的赠阅。\n3. 记下投递员和原因。'],
    ['canonical_answer', '停刊补报', '停刊当天的报纸不补，后一天合刊送到。'],
    ['notice', '暴雨，城东推迟投递', '7:30 前送到。来电都照这个答复。'],
  ]) {
    const words = { 'zh-CN': { title, body }, en: { title: `${title} (en)`, body } }
    const { id, version } = await quality('POST', '/api/v1/knowledge', { body: { kind, words, categories: ['missed_copy'] } })
    const waiting = await quality('POST', `/api/v1/knowledge/${id}/submission`, { body: {}, version })
    await supervisor('POST', `/api/v1/knowledge/${id}/review`, { body: { approved: true }, version: waiting.version })
  }
  await supervisor('POST', '/api/v1/canned_replies', { body: { name: '致歉', body: '您好，您的投诉{number}正在办理。', shared: 'all' } })
}

const heading = 'main h1'
/** Who opens it, where it is, what shows that it is there, and what he does first. */
const pages = {
  '1-tickets': ['qian.li', '/tickets?view=all_open', '.grid tbody a'],
  '1-tickets-new': ['chen.jing', '/new', '.registration', async (page) => {
    await page.fill('[name=phone]', '13820010001')
    await page.selectOption('fieldset:nth-of-type(2) select >> nth=0', 'missed_copy')
  }],
  '2-ticket': ['zhang.wei', `/tickets/${ids.approval}`, '.actform'],
  '2-ticket-judge': ['zhao.min', `/tickets/${ids.judge}`, '.actform'],
  '2-ticket-work': ['wang.qiang', `/tickets/${ids.work}`, '.actform'],
  '2-ticket-callback': ['chen.jing', `/tickets/${ids.callback}`, '.ticketpage'],
  '2-ticket-hold': ['wang.qiang', `/tickets/${ids.hold}`, '.actform'],
  '3-callback': ['chen.jing', '/callback', '.qitem'],
  '4-department': ['wang.qiang', '/department', '.job'],
  '4-officer': ['zhao.min', '/officer', '.qitem'],
  '4-approvals': ['zhang.wei', '/approvals', '.qitem'],
  '4-supervision': ['qian.li', '/supervision', heading],
  '5-customers': ['zhao.min', '/customers', heading],
  '5-customer': ['zhao.min', `/customers/${customer}`, heading],
  '6-board': ['qian.li', '/board', '.kpi b'],
  '6-board-tickets': ['qian.li', '/board/tickets', heading],
  '7-reports': ['qian.li', '/reports', heading],
  '7-reports-scorecards': ['qian.li', '/reports/scorecards', heading],
  '7-quality': ['cao.yu', '/quality', heading],
  '7-quality-suspicions': ['cao.yu', '/quality/suspicions', heading],
  '7-quality-problems': ['cao.yu', '/quality/problems', heading],
  '8-knowledge': ['cao.yu', '/knowledge', '.qitem', async (page) => {
    await page.click('.qitem')
    await page.waitForSelector('.item')
  }],
  '8-knowledge-writing': ['cao.yu', '/notices', '.sheethead', async (page) => page.click('.sheethead .btn.pri')],
  '8-knowledge-notices': ['wang.qiang', '/notices', '.sheethead'],
  '8-knowledge-replies': ['qian.li', '/canned-replies', '.qitem', async (page) => page.click('.qitem')],
  '8-knowledge-cases': ['cao.yu', '/cases', '.sheethead'],
  '9-settings-users': ['admin', '/settings/users', heading],
  '9-settings-departments': ['admin', '/settings/departments', heading],
  '9-settings-tokens': ['admin', '/settings/tokens', heading],
  '9-settings-webhooks': ['admin', '/settings/webhooks', heading],
  '9-settings-dead-letters': ['admin', '/settings/dead-letters', heading],
  '9-settings-rules': ['admin', '/settings/rules', heading],
  '9-settings-categories': ['admin', '/settings/categories/missed_copy', '.pv', async (page) => {
    // What was foreseen before is dimmed until the new answer is there.
    await Promise.all([page.waitForResponse((answer) => answer.url().endsWith('/rules/preview')), page.fill('.sla input >> nth=2', '50')])
  }],
  '9-settings-calendars': ['admin', '/settings/calendars', '.year'],
  '9-settings-packs': ['admin', '/settings/packs', 'tbody tr'],
  '9-settings-audit': ['admin', '/settings/audit', 'tbody tr'],
  '9-settings-journal': ['admin', '/settings/journal', '.panel'],
  '9-settings-parked': ['qian.li', '/settings/parked', heading],
}

const desk = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }
const colours = ['color-contrast']
/** One after the other, each by what it changes. All rules of axe where the page is laid out anew, else those about colours. */
const looks = process.env.HUIYIN_TEST_FULL ? [
  ['light', desk, {}, 'all'],
  ['dark', desk, { theme: '深色' }, colours],
  ['phone-dark', phone, {}, 'all'],
  ['phone', phone, { theme: '浅色' }, colours],
  ['phone-zh-TW', phone, { language: '繁體中文' }],
  ['zh-TW', desk, {}],
  ['en', desk, { language: 'English' }, colours],
  ['phone-en', phone, {}, 'all'],
  ['phone-en-dark', phone, { theme: 'Dark' }, colours],
  ['en-dark', desk, {}, colours],
] : [
  ['light', desk, {}, 'all'],
  ['phone-dark', phone, { theme: '深色' }, 'all'],
  ['phone-en-dark', phone, { language: 'English' }],
  ['en', desk, { theme: 'Light' }, colours],
]

/** By the menu, as people do. */
async function dress(page, { theme, language }) {
  for (const wanted of [theme, language]) {
    if (wanted === undefined) continue
    await page.locator('.ava.mine').click()
    await page.locator('.usermenu').getByRole('button', { name: wanted, exact: true }).click()
    await page.keyboard.press('Escape')
    await page.locator('.usermenu').waitFor({ state: 'detached' })
  }
  await page.mouse.move(0, 0)
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
}

/** Runs in the page: words that reach out of the room they have, where no ellipsis is meant. */
function cutWords() {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const cut = []
  while (texts.nextNode()) {
    const text = texts.currentNode
    let room = text.parentElement
    if (text.textContent.trim() === '' || !room.checkVisibility({ visibilityProperty: true }) || room.closest('.sr, .skip, svg, textarea, select, [aria-hidden=true]')) continue
    const range = document.createRange()
    range.selectNodeContents(text)
    const words = range.getBoundingClientRect()
    if (words.width === 0) continue
    while (getComputedStyle(room).display === 'inline' || getComputedStyle(room).display === 'contents') room = room.parentElement
    const style = getComputedStyle(room)
    const box = room.getBoundingClientRect()
    if (style.textOverflow === 'ellipsis' || style.clipPath !== 'none' || /auto|scroll/.test(style.overflowX) || box.width === 0) continue
    // A word in Latin letters that goes on in the next line, where no place to break was meant.
    for (const { index, 0: word } of text.textContent.matchAll(/[A-Za-z]{3,24}/g)) {
      if (room.closest('code, pre, .said, .verb, .bub, .secret, .url, .mac')) break
      range.setStart(text, index)
      range.setEnd(text, index + word.length)
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) cut.push(`${room.tagName.toLowerCase()}.${room.className}: the word ${word} is broken`)
    }
    if (words.right > box.right + 1 || words.left < box.left - 1) cut.push(`${room.tagName.toLowerCase()}.${room.className}: ${text.textContent.trim().slice(0, 40)} (${Math.round(words.width)} in ${Math.round(box.width)} px)`)
  }
  return cut
}

async function lookAt(name, login, path, ready, prepare) {
  const page = await openAs(browser, daemon.url, login, daemon.password, { path })
  await page.waitForSelector(ready)
  await prepare?.(page)
  await page.waitForLoadState('networkidle')
  const found = []
  for (const [look, size, change, rules] of looks) {
    if (page.viewportSize().width !== size.width) await page.setViewportSize(size)
    await dress(page, change)
    if (process.env.HUIYIN_SHOTS) await picture(page, `${name}-${look}`)
    const wider = await page.evaluate(() => Math.max(...[document.documentElement, ...document.querySelectorAll('.page')].map((each) => each.scrollWidth - each.clientWidth)))
    const faults = rules === undefined ? [] : await axe(page, rules === 'all' ? undefined : rules)
    found.push(...[...faults, ...(await page.evaluate(cutWords)), ...(wider > 0 ? [`${wider} px too wide`] : [])].map((each) => `${look}: ${each}`))
  }
  found.push(...page.complaints)
  await page.context().close()
  return found
}

// Two people at once, none of them twice: language and theme are a person's.
const wanted = process.argv.slice(2)
const chosen = Object.entries(pages).filter(([name]) => wanted.length === 0 || wanted.some((each) => name.startsWith(each)))
const logins = [...new Set(chosen.map(([, [login]]) => login))]
const waiting = logins.map((wanted) => chosen.filter(([, [login]]) => login === wanted)).sort((a, b) => b.length - a.length)
let findings = 0
async function lookOn() {
  for (let theirs = waiting.shift(); theirs !== undefined; theirs = waiting.shift()) {
    for (const [name, [login, path, ready, prepare]] of theirs) {
      const began = Date.now()
      const found = await lookAt(name, login, path, ready, prepare).catch((error) => [error.stack])
      findings += found.length
      console.log(`${found.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - began) / 1_000).toFixed(1)} s)${found.map((each) => `\n     ${each}`).join('')}`)
    }
  }
}
await Promise.all([lookOn(), lookOn()])
await browser.close()
await daemon.stop()
process.exitCode = findings > 0 ? 1 : 0
