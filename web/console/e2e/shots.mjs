// Pictures of the ticket list and the ticket page in both themes, three languages and on a phone, with axe over each.
// HUIYIN_SHOTS names another folder than console/e2e/out; arguments choose pictures by the beginning of their name.
import { axe, openAs, openBrowser, picture, startDaemon } from './harness.mjs'
import { tellStory } from './story.mjs'

const daemon = await startDaemon()
const { ids } = await tellStory(daemon)
const browser = await openBrowser()

const phone = { width: 390, height: 844 }
const looks = { light: {}, dark: { theme: 'dark' }, 'zh-TW': { language: 'zh-TW' }, en: { language: 'en' }, phone, 'phone-en-dark': { ...phone, language: 'en', theme: 'dark' } }
const pages = {
  '1-tickets': ['qian.li', '/tickets?view=all_open', '.grid tbody a'],
  '2-ticket': ['zhang.wei', `/tickets/${ids.approval}`, '.actform'],
  '2-ticket-judge': ['zhao.min', `/tickets/${ids.judge}`, '.actform'],
  '2-ticket-work': ['wang.qiang', `/tickets/${ids.work}`, '.actform'],
  '2-ticket-callback': ['chen.jing', `/tickets/${ids.callback}`, '.actform'],
}
const wanted = process.argv.slice(2)
let findings = 0
for (const [name, [login, path, ready]] of Object.entries(pages)) {
  for (const [look, options] of Object.entries(looks)) {
    const title = `${name}-${look}`
    if (wanted.length > 0 && !wanted.some((each) => title.startsWith(each))) continue
    const page = await openAs(browser, daemon.url, login, daemon.password, { ...options, path })
    await page.waitForSelector(ready)
    await page.waitForLoadState('networkidle').catch(() => {})
    await picture(page, title)
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    // The one refused request is the question who is logged in, before anybody is.
    const found = [...(await axe(page)), ...page.complaints.filter((each) => !each.includes('401')), ...(wider > 0 ? [`${wider} px too wide`] : [])]
    findings += found.length
    console.log(title, found.length === 0 ? 'clean' : found.join('\n  '))
    await page.context().close()
  }
}
await browser.close()
await daemon.stop()
process.exitCode = findings > 0 ? 1 : 0
