// What only a browser shows: `npm run build && npm run browser`. Needs /usr/bin/chromium.
import assert from 'node:assert/strict'
import { chromium } from 'playwright-core'
import { FakeServer } from './fake-server.mjs'

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
let failed = 0

async function check(name, steps) {
  const server = await new FakeServer().listen()
  const context = await browser.newContext({ viewport: { width: 900, height: 720 }, locale: 'en-GB' })
  const violations = []
  const tab = async (path = 'sheet') => {
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    page.on('console', (message) => /Content Security Policy/.test(message.text()) && violations.push(message.text()))
    page.on('pageerror', (error) => violations.push(error.message))
    await page.addInitScript(() => {
      globalThis.heard = []
      for (const type of ['open', 'close', 'unread', 'exposure']) addEventListener(`holdfast:${type}`, (event) => globalThis.heard.push([type, event.detail]))
    })
    await page.goto(`${server.url}/page/${path}`)
    return page
  }
  try {
    await steps({ server, context, tab })
    assert.deepEqual(violations, [])
    console.log('ok  ', name)
  } catch (error) {
    failed++
    console.log('FAIL', name, error)
  }
  await context.close()
  server.close()
}

const settled = async (probe, wanted) => {
  for (const end = Date.now() + 10_000; ;) {
    const value = await probe()
    if (JSON.stringify(value) === JSON.stringify(wanted) || Date.now() > end) return assert.deepEqual(value, wanted)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
const said = (server) => [...server.conversations.values()].map((held) => held.entries.map((entry) => entry.b).filter(Boolean))
const write = async (page, text) => {
  await page.locator('.send textarea').fill(text)
  await page.locator('.send textarea').press('Enter')
}

await check('focus goes into the sheet, stays there, and returns; Esc closes', async ({ tab }) => {
  const page = await tab()
  const focused = () => page.evaluate(() => document.activeElement.shadowRoot?.activeElement?.className ?? document.activeElement.tagName)
  await page.locator('.launcher').focus()
  await page.keyboard.press('Enter')
  await page.locator('.w').waitFor()
  await settled(() => page.evaluate(() => document.activeElement.shadowRoot.activeElement?.tagName), 'H1')
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press(i % 3 ? 'Tab' : 'Shift+Tab')
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'HOLDFAST-HELP')
  }
  await page.keyboard.press('Escape')
  await settled(focused, 'launcher')
  assert.deepEqual(await page.evaluate(() => globalThis.heard.map(([type]) => type)), ['open', 'close'])
})

await check('with a mouse the chat is ready to type', async ({ tab }) => {
  const page = await tab()
  await page.locator('.launcher').click()
  await page.locator('.way').click()
  await settled(() => page.evaluate(() => document.activeElement.shadowRoot.activeElement?.tagName), 'TEXTAREA')
})

await check('offline from the start: the emergency is kept, survives a reload, and goes once', async ({ server, context, tab }) => {
  const page = await tab()
  await page.locator('.launcher').click()
  await page.locator('.way .t').filter({ hasText: /\d/ }).waitFor()
  server.down = true
  await page.locator('.sos').click()
  await page.locator('.foot .btn').click()
  await write(page, 'my coins are going to 0xabc')
  await settled(() => page.locator('.m.sending').count(), 2)
  await page.reload()
  server.down = false
  await page.locator('.launcher').click()
  await settled(async () => said(server)[0]?.length ?? 0, 2)
  const [held] = [...server.conversations.values()]
  assert.equal(held.state.emergency, true)
  assert.match(said(server)[0][0], /^I need the emergency team/)
  assert.equal(said(server)[0][1], 'my coins are going to 0xabc')
  assert.equal(server.conversations.size, 1)
})

await check('an existing conversation is raised, also when that was asked for offline', async ({ server, context, tab }) => {
  const page = await tab()
  await page.locator('.launcher').click()
  await page.locator('.way').click()
  await write(page, 'hello')
  await page.locator('.promise').waitFor()
  await context.setOffline(true)
  await page.locator('.sos').click()
  await page.locator('.foot .btn').click()
  await page.locator('.trouble').waitFor()
  await context.setOffline(false)
  await settled(async () => [...server.conversations.values()].map((held) => held.state.emergency), [true])
})

await check('an opening whose answer got lost goes again, under a new key once the old one opens nothing', async ({ server, tab }) => {
  const page = await tab()
  await page.route('**/api/widget/conversations', async (route) => {
    await route.fetch()
    await route.abort()
  }, { times: 1 })
  await page.locator('.launcher').click()
  await page.locator('.way').click()
  server.forgetful = true
  await write(page, 'hello')
  await page.locator('.promise').waitFor()
  assert.deepEqual(said(server), [['hello'], ['hello']])
  await write(page, 'more')
  await settled(() => said(server), [['hello'], ['hello', 'more']])
})

await check('two tabs: both show all, nothing is sent twice, reading in one clears the badge of the other', async ({ server, tab }) => {
  const one = await tab()
  await one.locator('.launcher').click()
  await one.locator('.way').click()
  await write(one, 'first')
  await settled(() => said(server), [['first']])
  const two = await tab()
  await two.locator('.launcher').click()
  await two.locator('.conv').click()
  await two.locator('.m.me').waitFor()
  for (let i = 0; i < 5; i++) {
    await write(one, `one ${i}`)
    await write(two, `two ${i}`)
  }
  await settled(() => two.locator('.m.me').count(), 11)
  await settled(() => one.locator('.m.me').count(), 11)
  await settled(() => one.locator('.m.sending').count(), 0)
  const keys = server.sent.map((frame) => frame.k)
  assert.equal(new Set(keys).size, keys.length)
  await two.keyboard.press('Escape')
  const [held] = [...server.conversations.values()]
  await one.keyboard.press('Escape')
  server.say(held, 'answer')
  await two.locator('.badge').waitFor()
  await one.locator('.badge').waitFor()
  assert.deepEqual(await two.evaluate(() => globalThis.heard.at(-1)), ['unread', { count: 1 }])
  await one.locator('.launcher').click()
  await two.locator('.badge').waitFor({ state: 'detached' })
})

await check('a language is remembered; the chunk comes when it is chosen', async ({ tab }) => {
  const page = await tab()
  await page.locator('.launcher').click()
  await page.locator('.pick select').selectOption('ja')
  await page.getByText('ヘルプとサポート').waitFor()
  await page.reload()
  await page.locator('.launcher').click()
  await page.getByText('ヘルプとサポート').waitFor()
})

await check('a recovery phrase is reported to the host', async ({ tab }) => {
  const page = await tab()
  await page.locator('.launcher').click()
  await page.locator('.way').click()
  await write(page, 'hello')
  await page.locator('.promise').waitFor()
  await write(page, 'abandon ability able about above absent absorb abstract absurd abuse access accident')
  await page.locator('.stop').waitFor()
  assert.deepEqual(await page.evaluate(() => globalThis.heard.find(([type]) => type === 'exposure')), ['exposure', { found: [{ kind: 'recovery_phrase', count: 12 }] }])
})

await check('files picked before the first words follow them', async ({ server, tab }) => {
  const page = await tab()
  await page.locator('.launcher').click()
  await page.locator('.way').click()
  await page.locator('input[type=file]').setInputFiles('tests/fixtures/picture.png')
  await write(page, 'see the picture')
  await page.locator('.pic').waitFor()
  assert.deepEqual(said(server), [['see the picture']])
  const [held] = [...server.conversations.values()]
  await settled(async () => held.entries.at(-1).att.length, 1)
})

await check('Enter during composition does not send', async ({ server, tab }) => {
  const page = await tab()
  await page.locator('.launcher').click()
  await page.locator('.way').click()
  const client = await page.context().newCDPSession(page)
  await page.locator('.send textarea').focus()
  await client.send('Input.imeSetComposition', { text: 'nihao', selectionStart: 5, selectionEnd: 5 })
  await page.locator('.send textarea').dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true })
  assert.equal(server.sent.length, 0)
  await client.send('Input.insertText', { text: '你好' })
  await page.locator('.send textarea').press('Enter')
  await settled(() => said(server), [['你好']])
})

await check('the hosted page fills its parent and has no close button', async ({ tab }) => {
  const page = await tab('full')
  await page.locator('.way').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Close' }).count(), 0)
  const box = await page.locator('.w').boundingBox()
  assert.equal(box.height, 720)
})

await browser.close()
process.exit(failed ? 1 : 0)
