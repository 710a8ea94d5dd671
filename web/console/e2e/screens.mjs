// What each screen costs, what the list can do, and that the keyboard reaches everything: in Chromium, against a daemon.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { apiAs, newPage, openAs, openBrowser, startDaemon } from './harness.mjs'
import { tellStory } from './story.mjs'

const firstLoadBudget = 450 * 1024
const listed = 130

const daemon = await startDaemon({ settings: '[limits]\ncomplaints_per_address_per_minute = 0\n' })
const { ids } = await tellStory(daemon)
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

async function within(login, path, ready, options, run) {
  const page = await openAs(browser, daemon.url, login, daemon.password, { ...options, path })
  try {
    await page.waitForSelector(ready)
    await run(page)
    assert.deepEqual([path, ...page.complaints], [path])
  } finally {
    await page.context().close()
  }
}

const officer = await apiAs(daemon, 'zhao.min')
const versionOf = async (id) => (await officer('GET', `/api/v1/tickets/${id}`)).version
const customerId = (await officer('GET', `/api/v1/tickets/${ids.work}`)).customer_id

/** Each screen: who opens it, what shows that it is there, and how many questions to the daemon it may take. */
const screens = {
  '/tickets?view=all_open': ['qian.li', '.grid tbody a', 13],
  [`/tickets/${ids.approval}`]: ['zhang.wei', '.actform', 18],
  [`/customers/${customerId}`]: ['zhao.min', 'main h1', 16],
  '/officer': ['zhao.min', '.qitem', 20],
  '/department': ['wang.qiang', '.job', 18],
  '/approvals': ['zhang.wei', '.qitem', 18],
  '/callback': ['chen.jing', '.qitem', 18],
  '/supervision': ['qian.li', 'main h1', 24],
  '/board': ['qian.li', '.kpi b', 16],
  '/reports': ['qian.li', 'main h1', 18],
  '/quality': ['cao.yu', 'main h1', 16],
  '/knowledge': ['zhao.min', 'main h1', 16],
  '/settings/users': ['admin', 'main h1', 16],
  '/settings/departments': ['admin', 'main h1', 16],
}

await check('the first load of the console is within 450 KB', async () => {
  const page = await openAs(browser, daemon.url, 'qian.li', daemon.password, { path: '/healthz' })
  const line = await page.context().newCDPSession(page)
  await line.send('Network.enable')
  await line.send('Network.setCacheDisabled', { cacheDisabled: true })
  let bytes = 0
  let requests = 0
  line.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
    requests += 1
  })
  await page.goto(`${daemon.url}/tickets?view=all_open`)
  await page.waitForSelector('.grid tbody a')
  await page.waitForLoadState('networkidle')
  console.log(`     ${bytes} bytes over the wire in ${requests} requests, headers and answers of the API included`)
  assert.ok(bytes <= firstLoadBudget)
  await page.context().close()
})

await check('each screen asks the daemon no more than it has to', async () => {
  const found = {}
  for (const [path, [login, ready, most]] of Object.entries(screens)) {
    const page = await openAs(browser, daemon.url, login, daemon.password, { path: '/healthz' })
    const asked = []
    page.on('request', (request) => {
      const { pathname } = new URL(request.url())
      if (/^\/(api|public)\//.test(pathname)) asked.push(`${request.method()} ${pathname}`)
    })
    await page.goto(daemon.url + path)
    await page.waitForSelector(ready)
    await page.waitForLoadState('networkidle')
    found[path] = asked.length
    assert.ok(asked.length <= most, `${path} asks ${asked.length} times:\n${asked.join('\n')}`)
    // The settings show what the frame has loaded for names.
    const repeated = asked.filter((each, at) => asked.indexOf(each) !== at && !path.startsWith('/settings') && /\/(me|users|departments|configuration|drafts|notices)$/.test(each))
    assert.deepEqual(repeated, [], `${path} asks the same twice`)
    await page.context().close()
  }
  console.log(`     ${Object.entries(found).map(([path, n]) => `${path.replace(/[0-9a-f-]{36}/, '…')} ${n}`).join(', ')}`)
})

/** The complaints that make the list longer than a page. */
async function fillList() {
  for (let at = 0; at < listed; at += 1) {
    const answer = await fetch(`${daemon.url}/public/v1/complaints`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
      body: JSON.stringify({ contact: { name: `订户${at}`, phone: `139${String(10_000_000 + at)}` }, category: at % 2 ? 'late_or_damaged' : 'missed_copy', problem: `第 ${at} 件：今天的报纸没有收到。`, fields: { district: 'east' } }),
    })
    assert.equal(answer.status, 201)
  }
}

const chosen = (page) => page.locator('.bulkbar b').textContent().then((text) => Number(/\d+/.exec(text)?.[0]))
const cursorAt = (page) => page.locator('.grid tr.cur').getAttribute('aria-rowindex').then(Number)

await check('the list by keys: cursor, selection, a range, opening, neighbours and back', () =>
  within('qian.li', '/tickets?view=all_open', '.grid tbody a', {}, async (page) => {
    for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key)
    assert.equal(await cursorAt(page), 2)
    await page.keyboard.press('x')
    assert.equal(await chosen(page), 1)
    for (const key of ['j', 'j', 'Shift+X']) await page.keyboard.press(key)
    assert.equal(await chosen(page), 3)
    await page.keyboard.press('.')
    assert.equal(await page.evaluate(() => document.activeElement.closest('.bulkbar') !== null), true)
    const title = await page.locator('.grid tr.cur .tt').textContent()
    await page.locator('.grid').focus()
    await page.keyboard.press('Enter')
    await page.waitForSelector('.thead h1')
    assert.equal((await page.textContent('.thead h1')).trim(), title.trim())
    await page.keyboard.press('[')
    await page.waitForFunction((before) => document.querySelector('.thead h1')?.textContent.trim() !== before, title.trim())
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.waitForSelector('.grid tbody a')
  }))

await check('filters stand in the address, outlive a reload, and one that finds nothing can be dropped', () =>
  within('qian.li', '/tickets?view=all_open', '.grid tbody a', {}, async (page) => {
    await page.locator('.fchip', { hasText: '类别' }).click()
    await page.locator('.filters .pop button', { hasText: '意见建议' }).click()
    await page.waitForURL(/category=suggestion/)
    await page.waitForFunction(() => document.querySelectorAll('.grid tbody tr:not(.spacer):not(.grp)').length === 1)
    await page.reload()
    await page.waitForFunction(() => document.querySelectorAll('.grid tbody tr:not(.spacer):not(.grp)').length === 1)
    await page.goto(`${daemon.url}/tickets?view=overdue&category=suggestion`)
    await page.waitForSelector('.empty button')
    await page.locator('.empty button').click()
    await page.waitForURL((url) => !url.search.includes('category'))
  }))

await check('a view is saved, opened and deleted', () =>
  within('qian.li', '/tickets?view=all_open&category=suggestion', '.grid tbody a', {}, async (page) => {
    await page.getByRole('button', { name: '存为视图' }).click()
    await page.locator('.modal input').fill('建议')
    await page.keyboard.press('Enter')
    await page.waitForURL(/saved=/)
    assert.equal((await page.textContent('.listhead h1')).trim(), '建议')
    await page.waitForFunction(() => document.querySelectorAll('.grid tbody tr:not(.spacer):not(.grp)').length === 1)
    await page.reload()
    await page.waitForSelector('.savedview a[aria-current]')
    await page.getByRole('button', { name: /建议/ }).last().click()
    await page.waitForFunction(() => document.querySelector('.savedview') === null)
  }))

await check('who is in the list sees a change tinted in its place, and sorts again when he wants', () =>
  within('qian.li', '/tickets?view=all_open', '.grid tbody a', {}, async (page) => {
    const number = (await officer('GET', `/api/v1/tickets/${ids.intake}`)).number
    const before = await page.locator('.grid tbody .l2 .num:first-child').allTextContents()
    await page.locator('.grid tbody tr', { hasText: number }).hover()
    await officer('POST', `/api/v1/tickets/${ids.intake}/classification`, { body: { category: 'suggestion' }, version: await versionOf(ids.intake) })
    await page.waitForFunction((wanted) => [...document.querySelectorAll('.grid tr.changed')].some((each) => each.textContent.includes(wanted)), number)
    assert.deepEqual(await page.locator('.grid tbody .l2 .num:first-child').allTextContents(), before)
    await page.locator('.changes').waitFor()
    await page.waitForFunction(() => document.querySelector('.grid tr.changed') === null)
    await page.keyboard.press('l')
    await page.locator('.changes').waitFor({ state: 'detached' })
  }))

await check('several are urged at once', () =>
  within('zhao.min', '/tickets?view=all_open&stage=work', '.grid tbody a', {}, async (page) => {
    await page.locator('.grid thead input').check()
    const n = await chosen(page)
    assert.ok(n >= 2)
    await page.getByRole('button', { name: '催办' }).click()
    await page.locator('.modal .btn.pri').click()
    await page.locator('.modal').waitFor({ state: 'detached' })
    assert.match(await page.locator('.toast').last().textContent(), new RegExp(`已催办 ${n} `))
    for (const id of [ids.work, ids.hold]) assert.ok((await officer('GET', `/api/v1/tickets/${id}`)).flags.urge_count > 0)
  }))

await check("a customer's tags and note are kept; who writes at the same time sees the other's words first", () =>
  within('zhao.min', `/customers/${customerId}`, 'main h1', {}, (mine) =>
    within('chen.jing', `/customers/${customerId}`, 'main h1', {}, async (theirs) => {
      for (const page of [mine, theirs]) await page.getByRole('button', { name: '编辑' }).click()
      await mine.fill('#profile-tags', '老订户, 听力不好，老订户')
      await theirs.fill('#profile-note', '下午四点后再打')
      await mine.keyboard.press('Enter')
      await theirs.locator('.side1 .tag', { hasText: '听力不好' }).waitFor()
      assert.equal(await theirs.inputValue('#profile-tags'), '老订户，听力不好')
      await theirs.fill('#profile-tags', '急')
      await theirs.getByRole('button', { name: '保存' }).click()
      await theirs.locator('.modal').waitFor({ state: 'detached' })
      await mine.locator('.side1 .note', { hasText: '下午四点后再打' }).waitFor()
      for (const page of [mine, theirs]) await page.getByRole('button', { name: '编辑' }).click()
      await mine.fill('#profile-note', '上午打')
      await theirs.fill('#profile-note', '晚上打')
      await mine.getByRole('button', { name: '保存' }).click()
      const told = theirs.locator('.modal .notice', { hasText: '上午打' })
      await told.waitFor()
      assert.ok(await theirs.getByRole('button', { name: '保存' }).isDisabled())
      await told.getByRole('button', { name: '用我的' }).click()
      await theirs.getByRole('button', { name: '保存' }).click()
      await theirs.locator('.modal').waitFor({ state: 'detached' })
      const { tags, note } = await officer('GET', `/api/v1/customers/${customerId}`)
      assert.deepEqual({ tags, note }, { tags: ['急'], note: '晚上打' })
      const edit = () => mine.getByRole('button', { name: '编辑' }).click()
      const shut = () => mine.locator('.modal').waitFor({ state: 'detached' })
      await edit()
      await mine.fill('#profile-note', '周末再打')
      await mine.keyboard.press('Escape')
      await shut()
      await edit()
      assert.equal(await mine.inputValue('#profile-note'), '周末再打', 'what was written outlives the dialog')
      await mine.getByRole('button', { name: '取消' }).click()
      await shut()
      await edit()
      assert.equal(await mine.inputValue('#profile-note'), '晚上打', 'and not its cancelling')
    })))

await fillList()

await check('a selection goes over pages, stays when the list is sorted again, and asks for the number beyond 50', () =>
  within('zhao.min', '/tickets?view=all_open', '.grid tbody a', {}, async (page) => {
    const total = listed + Object.keys(ids).length
    await page.locator('.grid thead input').check()
    const first = await chosen(page)
    assert.equal(first, 100)
    await page.locator('.grid').evaluate((grid) => grid.scrollTo(0, grid.scrollHeight))
    await page.waitForFunction((all) => Number(document.querySelector('.grid table').getAttribute('aria-rowcount')) === all, total)
    await page.locator('.grid thead input').check()
    assert.equal(await chosen(page), total)
    await page.keyboard.press('l')
    await page.waitForLoadState('networkidle')
    assert.equal(Number(await page.locator('.grid table').getAttribute('aria-rowcount')), total)
    assert.equal(await chosen(page), total)
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出' }).click()])
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n')
    assert.equal(lines.length, total + 1)
    await page.getByRole('button', { name: '催办' }).click()
    const confirm = page.locator('.modal .btn.pri')
    assert.ok(await confirm.isDisabled())
    await page.locator('.modal input').fill(String(total))
    assert.ok(await confirm.isEnabled())
    await page.keyboard.press('Escape')
    assert.equal(await chosen(page), total)
  }))

/** Runs in the page: names of the controls that are seen and take a press. A group of radio buttons counts as one. */
function controlsOf() {
  const named = (each) => `${each.tagName.toLowerCase()}.${each.className} ${(each.getAttribute('aria-label') || each.textContent || each.name || '').trim().slice(0, 30)}`
  const list = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter((each) => {
    const box = each.getBoundingClientRect()
    return !each.disabled && each.tabIndex >= 0 && each.checkVisibility({ visibilityProperty: true }) && box.width > 0 && box.height > 0 && !each.closest('[aria-hidden=true], [inert]')
  })
  const reached = globalThis.reachedByTab
  const groupReached = (each) => each.type === 'radio' && list.some((other) => other.type === 'radio' && other.name === each.name && reached.has(other))
  return { all: list.length, missed: list.filter((each) => !reached.has(each) && !groupReached(each)).map(named) }
}

/** Runs in the page: from now on notes each stop of the focus, and whether what has it shows it. */
function noteStops() {
  const ringed = (one) => {
    if (one === null) return false
    const style = getComputedStyle(one)
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1
  }
  globalThis.reachedByTab = new Set()
  globalThis.unseenFocus = []
  document.activeElement?.blur()
  document.addEventListener('focusin', ({ target }) => {
    globalThis.reachedByTab.add(target)
    if (ringed(target) || ringed(target.closest('label, .el-input__wrapper')) || ringed(target.querySelector('.el-date-table-cell__text'))) return
    globalThis.unseenFocus.push(`${target.tagName.toLowerCase()}.${target.className} ${(target.textContent || target.getAttribute('aria-label') || '').trim().slice(0, 30)}`)
  })
}

const twoFrames = (page) => page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))))

async function walk(page) {
  await page.evaluate(noteStops)
  const atOnce = 10
  for (let reached = -1, now = 0; now > reached; ) {
    reached = now
    for (let press = 0; press < atOnce; press += 1) {
      await page.keyboard.press('Tab')
      await twoFrames(page)
    }
    now = await page.evaluate(() => globalThis.reachedByTab.size)
  }
  return { ...(await page.evaluate(controlsOf)), unseen: await page.evaluate(() => [...new Set(globalThis.unseenFocus)]) }
}

const walked = Object.entries(screens).filter(([path]) => !path.startsWith('/tickets?'))
await check('every control is reached by Tab, and shows that it has the focus', async () => {
  const faults = []
  let controls = 0
  for (const [path, [login, ready]] of [['/tickets?view=on_hold', ['qian.li', 'main h1']], ...walked]) {
    await within(login, path, ready, {}, async (page) => {
      await page.waitForLoadState('networkidle')
      const { all, missed, unseen } = await walk(page)
      controls += all
      faults.push(...missed.map((each) => `${path}: not reached: ${each}`), ...unseen.map((each) => `${path}: focus not seen: ${each}`))
    }).catch((error) => faults.push(error.message))
  }
  console.log(`     ${controls} controls on ${walked.length + 1} screens`)
  assert.deepEqual(faults, [])
})

await check('a calendar opens when it is asked for, by the keyboard too, and shows where the focus is', () =>
  within('qian.li', '/reports', 'main h1', {}, async (page) => {
    const day = page.locator('.fld.date input').first()
    const month = page.locator('.el-picker-panel:visible')
    await day.focus()
    await page.evaluate(noteStops)
    await day.focus()
    assert.equal(await month.count(), 0)
    await page.keyboard.press('ArrowDown')
    await month.waitFor()
    await page.waitForFunction(() => document.activeElement.closest('td') !== null)
    for (let press = 0; press < 6; press += 1) {
      await page.keyboard.press('Shift+Tab')
      await twoFrames(page)
    }
    assert.deepEqual(await page.evaluate(() => globalThis.unseenFocus), [])
    assert.ok(await page.evaluate(() => [...globalThis.reachedByTab].filter((each) => each.closest('.el-picker-panel')).length >= 5))
    await page.keyboard.press('Escape')
    await month.waitFor({ state: 'detached' })
  }))

await check('dialogs and pop-overs take the focus, keep it, and give it back', () =>
  within('zhang.wei', `/tickets/${ids.approval}`, '.actform', {}, async (page) => {
    const inside = () => page.evaluate(() => document.activeElement.closest('[role=dialog]') !== null)
    const openers = {
      '.searchbox': 'palette', '.acts .btn:last-child': 'dialog', '.topbar .iconbtn': 'notices', '.ava.mine': 'menu', '.presence': 'presence', '.clock .why': 'why',
    }
    for (const [selector, name] of Object.entries(openers)) {
      const opener = page.locator(selector).first()
      await opener.focus()
      await page.keyboard.press('Enter')
      await page.locator('[role=dialog]').waitFor()
      if (await page.locator('[aria-modal=true]').count()) {
        for (let press = 0; press < 25; press += 1) {
          assert.ok(await inside(), `${name}: the focus left it`)
          await page.keyboard.press(press < 15 ? 'Tab' : 'Shift+Tab')
        }
      }
      await page.keyboard.press('Escape')
      await page.locator('[role=dialog]').waitFor({ state: 'detached' })
      assert.ok(await opener.evaluate((each) => each === document.activeElement), `${name}: the focus came back`)
    }
  }))

await check('no key acts while somebody composes', () =>
  within('zhao.min', `/tickets/${ids.work}`, '.ticketpage', {}, async (page) => {
    const line = await page.context().newCDPSession(page)
    const posted = []
    page.on('request', (request) => request.method() === 'POST' && posted.push(request.url()))
    const compose = (text) => line.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
    await page.keyboard.press('n')
    await page.locator('.replybox textarea').fill('已联系')
    await page.locator('.replybox textarea').press('End')
    await compose('wuye')
    await page.keyboard.press('Control+Enter')
    await page.keyboard.press('Escape')
    assert.equal(await page.locator('.replybox').count(), 1, 'Escape ends the composition only')
    assert.deepEqual(posted, [])
    await line.send('Input.insertText', { text: '物业' })
    await page.keyboard.press('Escape')
    await page.locator('.replybox').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+k')
    await page.locator('.palette input').waitFor()
    await compose('tousu')
    await page.keyboard.press('Enter')
    assert.equal(await page.locator('.palette').count(), 1, 'Enter chooses the word, not the command')
    await line.send('Input.insertText', { text: '投诉' })
    await page.keyboard.press('Escape')
    await page.locator('.palette').waitFor({ state: 'detached' })
    for (const key of [{ key: 'n', isComposing: true }, { key: 'n', keyCode: 229 }]) await page.evaluate((how) => document.body.dispatchEvent(new KeyboardEvent('keydown', { ...how, bubbles: true, cancelable: true })), key)
    assert.equal(await page.locator('.replybox').count(), 0)
    await page.keyboard.press('n')
    await page.locator('.replybox textarea').waitFor()
  }))

await check('the words that somebody writes are his on another device; so are his settings and his presence', async () => {
  await within('zhao.min', `/tickets/${ids.hold}`, '.ticketpage', {}, async (page) => {
    await page.keyboard.press('n')
    const kept = page.waitForResponse((response) => response.request().method() === 'PUT' && response.url().includes('/drafts/'))
    await page.locator('.replybox textarea').fill('在办公室写的半句')
    await kept
    await page.keyboard.press('Escape')
    await page.locator('.presence').click()
    await page.locator('.pop button', { hasText: '忙' }).click()
    await page.locator('.presence', { hasText: '忙' }).waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.ava.mine').click()
    const saved = page.waitForResponse((response) => response.request().method() === 'PATCH')
    await page.locator('.usermenu button', { hasText: '紧凑' }).click()
    await saved
  })
  await within('zhao.min', `/tickets/${ids.hold}`, '.ticketpage', {}, async (page) => {
    await page.keyboard.press('n')
    await page.waitForFunction(() => document.querySelector('.replybox textarea')?.value === '在办公室写的半句')
    await page.keyboard.press('Escape')
    await page.locator('.ava.mine').click()
    await page.locator('.usermenu [aria-pressed=true]', { hasText: '紧凑' }).waitFor()
  })
  assert.ok((await officer('GET', '/api/v1/drafts')).items.length >= 1)
})

await browser.close()
await daemon.stop()
process.exitCode = failures > 0 ? 1 : 0
