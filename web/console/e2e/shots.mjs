// Every page at 1440 and 390 px, in both themes and three languages: axe finds nothing, no text is cut, nothing is wider than
// the screen. Pictures of each look go to HUIYIN_SHOTS where that is set; arguments choose pages by the beginning of their name.
import { apiAs, axe, openAs, openBrowser, picture, startDaemon } from './harness.mjs'
import { tellStory } from './story.mjs'

const daemon = await startDaemon()
const { ids } = await tellStory(daemon)
const officer = await apiAs(daemon, 'zhao.min')
const customerId = (await officer('GET', `/api/v1/tickets/${ids.work}`)).customer_id
const browser = await openBrowser()

const heading = 'main h1'
/** Who opens it, where it is, and what shows that it is there. */
const pages = {
  '1-tickets': ['qian.li', '/tickets?view=all_open', '.grid tbody a'],
  '2-ticket': ['zhang.wei', `/tickets/${ids.approval}`, '.actform'],
  '2-ticket-judge': ['zhao.min', `/tickets/${ids.judge}`, '.actform'],
  '2-ticket-work': ['wang.qiang', `/tickets/${ids.work}`, '.actform'],
  '2-ticket-callback': ['chen.jing', `/tickets/${ids.callback}`, '.actform'],
  '3-callback': ['chen.jing', '/callback', '.qitem'],
  '4-department': ['wang.qiang', '/department', '.job'],
  '4-officer': ['zhao.min', '/officer', '.qitem'],
  '4-approvals': ['zhang.wei', '/approvals', '.qitem'],
  '4-supervision': ['qian.li', '/supervision', heading],
  '5-customers': ['zhao.min', '/customers', heading],
  '5-customer': ['zhao.min', `/customers/${customerId}`, heading],
  '6-board': ['qian.li', '/board', '.kpi b'],
  '6-board-tickets': ['qian.li', '/board/tickets', heading],
  '7-reports': ['qian.li', '/reports', heading],
  '7-reports-scorecards': ['qian.li', '/reports/scorecards', heading],
  '7-quality': ['cao.yu', '/quality', heading],
  '7-quality-suspicions': ['cao.yu', '/quality/suspicions', heading],
  '7-quality-problems': ['cao.yu', '/quality/problems', heading],
  '8-knowledge': ['zhao.min', '/knowledge', heading],
  '9-settings-users': ['admin', '/settings/users', heading],
  '9-settings-departments': ['admin', '/settings/departments', heading],
  '9-settings-tokens': ['admin', '/settings/tokens', heading],
  '9-settings-webhooks': ['admin', '/settings/webhooks', heading],
  '9-settings-dead-letters': ['admin', '/settings/dead-letters', heading],
  '9-settings-rules': ['qian.li', '/settings/rules', heading],
  '9-settings-parked': ['qian.li', '/settings/parked', heading],
}

const desk = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }
/** One after the other, each by what it changes; axe looks where the colours are new. */
const looks = [
  ['light', desk, {}, true],
  ['dark', desk, { theme: '深色' }, true],
  ['phone-dark', phone, {}, true],
  ['phone', phone, { theme: '浅色' }, true],
  ['phone-zh-TW', phone, { language: '繁體中文' }, false],
  ['zh-TW', desk, {}, false],
  ['en', desk, { language: 'English' }, false],
  ['phone-en', phone, {}, true],
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
    if (style.textOverflow === 'ellipsis' || /auto|scroll/.test(style.overflowX) || box.width === 0) continue
    if (words.right > box.right + 1 || words.left < box.left - 1) cut.push(`${room.tagName.toLowerCase()}.${room.className}: ${text.textContent.trim().slice(0, 40)} (${Math.round(words.width)} in ${Math.round(box.width)} px)`)
  }
  return cut
}

async function lookAt(name, login, path, ready) {
  const page = await openAs(browser, daemon.url, login, daemon.password, { path })
  await page.waitForSelector(ready)
  await page.waitForLoadState('networkidle').catch(() => {})
  const found = []
  for (const [look, size, change, withAxe] of looks) {
    if (page.viewportSize().width !== size.width) await page.setViewportSize(size)
    await dress(page, change)
    if (process.env.HUIYIN_SHOTS) await picture(page, `${name}-${look}`)
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    const here = [...(withAxe ? await axe(page) : []), ...(await page.evaluate(cutWords)), ...(wider > 0 ? [`${wider} px too wide`] : [])]
    found.push(...here.map((each) => `${look}: ${each}`))
  }
  found.push(...page.complaints)
  await page.context().close()
  return found
}

const wanted = process.argv.slice(2)
let findings = 0
for (const [name, [login, path, ready]] of Object.entries(pages)) {
  if (wanted.length > 0 && !wanted.some((each) => name.startsWith(each))) continue
  const found = await lookAt(name, login, path, ready).catch((error) => [error.message])
  findings += found.length
  console.log(`${found.length === 0 ? 'ok  ' : 'FAIL'} ${name}${found.map((each) => `\n     ${each}`).join('')}`)
}
await browser.close()
await daemon.stop()
process.exitCode = findings > 0 ? 1 : 0
