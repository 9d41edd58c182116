// Every view at three widths, in both themes and three scripts, with axe over each: `npm run build && npm run pictures [folder]`.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'
import { FakeServer } from './fake-server.mjs'

const folder = process.argv[2] ?? 'test-results'
mkdirSync(folder, { recursive: true })
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const only = process.argv[3] ? process.argv[3].split(',') : null

const SIZES = { 320: [320, 640], 400: [400, 780], desk: [1100, 760] }
const FIRST = {
  en: 'Two hours ago I withdrew 2,400 USDT and it still says “Processing”. Is the money still there?',
  'zh-Hans': '我两个小时前提现 2400 USDT，一直显示“处理中”。钱还在吗？',
  ar: 'سحبت 2400 USDT قبل ساعتين وما زالت الحالة «قيد المعالجة». هل أموالي بأمان؟',
}
const ANSWER = {
  en: 'Your 2,400 USDT is safe. The network confirmed it at 13:48; the exchange adds it after 19 more confirmations. I will check again at 14:20 and write to you.',
  'zh-Hans': '您的 2400 USDT 是安全的。网络已在 13:48 确认；交易所还需 19 个确认后入账。我会在 14:20 再查一次并告诉您。',
  ar: 'أموالك 2400 USDT بأمان. أكدتها الشبكة في 13:48، وسأتحقق مرة أخرى في 14:20 وأكتب لك.',
}
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
let bad = 0

async function visit(language, theme, size, mode, steps) {
  const server = await new FakeServer().listen()
  const [width, height] = SIZES[size]
  const context = await browser.newContext({
    viewport: { width, height }, locale: { en: 'en-GB', ar: 'ar-AE', 'zh-Hans': 'zh-CN' }[language] ?? language, forcedColors: theme === 'forced' ? 'active' : 'none', timezoneId: 'Asia/Dubai',
    hasTouch: size !== 'desk',
  })
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error') console.log('console:', message.text())
  })
  page.on('pageerror', (error) => {
    bad++
    console.log('error:', error.message)
  })
  await page.goto(`${server.url}/page/${mode}?lang=${language}&theme=${theme}`)
  const shot = async (name) => {
    if (only && !only.includes(name)) return
    // placeholders, time of day and motion settle before the picture
    await page.evaluate(() => Promise.all([...document.querySelector('holdfast-help').shadowRoot.getAnimations()].map((one) => (one.effect?.getTiming().iterations === Infinity ? null : one.finished))))
    await page.screenshot({ path: `${folder}/${name}-${size}-${language}-${theme}.png` })
    await page.evaluate(axe)
    const found = await page.evaluate(() => globalThis.axe.run(document))
    for (const one of found.violations) {
      bad++
      console.log(`${name}-${size}-${language}-${theme}: ${one.impact} ${one.id}: ${one.nodes.map((node) => `${node.target} ${node.failureSummary ?? ''}`).join(' | ').slice(0, 300)}`)
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    if (wide) {
      bad++
      console.log(`${name}-${size}-${language}-${theme}: wider than the screen`)
    }
  }
  await steps({ page, server, shot, help: page.locator('holdfast-help') })
  await context.close()
  server.close()
}

async function story(language, theme, size) {
  await visit(language, theme, size, 'sheet', async ({ page, server, shot }) => {
    if (size === 'desk') await shot('closed')
    await page.locator('.launcher').click()
    await page.locator('.way .t').filter({ hasText: /\d/ }).waitFor()
    await shot('home')
    await page.locator('.way').click()
    await shot('new')
    await page.locator('.send textarea').fill(FIRST[language] ?? FIRST.en)
    await page.locator('.go').click()
    await page.locator('.me .tick, .me .meta svg').first().waitFor()
    await page.locator('.promise').waitFor()
    const conversation = [...server.conversations.values()][0]
    server.system(conversation, { type: 'assigned', name: 'Ana' })
    conversation.state.agent = { name: 'Ana' }
    conversation.state.position = null
    server.state(conversation)
    await page.locator('.send textarea').fill('abandon ability able about above absent absorb abstract absurd abuse access accident')
    await page.locator('.go').click()
    await page.locator('.stop').waitFor()
    server.push(conversation, { t: 'typing', name: 'Ana', on: true })
    await page.locator('.typing').waitFor()
    await shot('wait')
    conversation.state.promise = { due: new Date(Date.now() - 60_000).toISOString() }
    conversation.state.position = 2
    server.state(conversation)
    await page.locator('.promise.late').waitFor()
    await shot('late')
    conversation.state.read.agent = 99
    server.say(conversation, ANSWER[language] ?? ANSWER.en)
    await page.locator('.they').waitFor()
    server.refuse = 'too_long'
    await page.locator('.send textarea').fill('0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D 0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D')
    await page.locator('.go').click()
    await page.locator('.unsent .btn').first().waitFor()
    await page.locator('input[type=file]').setInputFiles([{ name: 'screen.png', mimeType: 'image/png', buffer: readFileSync('tests/fixtures/picture.png') }, { name: 'a-very-long-name-of-a-document-from-the-exchange.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(1_100_000) }])
    await page.locator('.files .bad').waitFor()
    await shot('failed')
    await page.locator('.files .ib').last().click()
    await page.locator('.send textarea').fill('x'.repeat(8003))
    await page.locator('.limit.over').waitFor()
    await page.locator('.send textarea').fill('OK')
    await page.locator('.go').click()
    await page.locator('.pic img').waitFor()
    await page.locator('.unsent .btn').first().click()
    await page.locator('.unsent').waitFor({ state: 'detached' })
    Object.assign(conversation.state, { category: 'resolved', can_rate: { episode: 1 } })
    server.system(conversation, { type: 'resolved' })
    server.state(conversation)
    await page.locator('.three button').nth(1).click()
    await page.locator('.body').evaluate((element) => element.scrollTo(0, 1e6))
    await shot('rate')
    server.down = true
    server.cut()
    await page.locator('.trouble').waitFor()
    await shot('offline')
    server.down = false
    await page.locator('.chat .bar .ib').first().click()
    await page.locator('.conv').waitFor()
    await shot('list')
    await page.locator('.sos').click()
    await page.evaluate(() => { document.querySelector('holdfast-help').actions = { newWallet() {}, disconnectAll() {} } })
    await page.locator('.steps .btn').first().waitFor()
    await shot('emergency')
    await page.locator('.foot .btn').click()
    await page.locator('.chat').waitFor()
    await page.locator('.me .meta svg').first().waitFor()
    await page.locator('.sos').click()
    await page.locator('.alarm').waitFor()
    await shot('alerted')
  })
}

const runs = process.argv[4] ? process.argv[4].split(' ').map((run) => run.split(',')) : [
  ['en', 'light', '320'], ['en', 'light', '400'], ['en', 'dark', 'desk'],
  ['zh-Hans', 'dark', '320'], ['zh-Hans', 'light', '400'], ['ar', 'light', '320'], ['ar', 'dark', '400'], ['ar', 'light', 'desk'],
  ['en', 'forced', '400'], ['de', 'light', '320'], ['ru', 'dark', '320'], ['th', 'light', '320'],
]
for (const [language, theme, size] of runs) await story(language, theme, size)
await visit('en', 'light', '400', 'full', async ({ page, shot }) => {
  await page.locator('.way .t').filter({ hasText: /\d/ }).waitFor()
  await shot('page')
})
await browser.close()
console.log(bad ? `${bad} findings` : 'no findings')
process.exit(bad ? 1 : 0)
