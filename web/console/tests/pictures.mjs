// Pictures of every view against the stand-in server, with an accessibility check of each: node tests/pictures.mjs [folder] [only]
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const folder = process.argv[2] ?? 'test-results'
const only = process.argv[3] ?? ''
const port = 8429
const base = `http://localhost:${port}/console`
mkdirSync(folder, { recursive: true })
const server = spawn('node', ['tests/fake-server.mjs', String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
await once(server.stdout, 'data')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] })
const LIN = '0190a000-0000-7000-8000-000000000012'
const pull = (page, lever, body) => page.request.post(`http://localhost:${port}/api/fake/${lever}`, { data: body ?? {} })
const inbox = async (page) => page.getByRole('log').waitFor()

const VIEWS = {
  inbox: { path: `/inbox/${LIN}`, act: inbox },
  queue: { path: '/inbox', act: async (page) => { await page.locator('[aria-pressed]').filter({ hasText: /Queue|队列/ }).first().click() } },
  offer: { path: `/inbox/${LIN}`, act: async (page) => { await inbox(page); await pull(page, 'offer'); await page.locator('#offer-title').waitFor() } },
  palette: { path: `/inbox/${LIN}`, act: async (page) => { await inbox(page); await page.keyboard.press('Control+k'); await page.getByRole('listbox').waitFor(); await page.waitForFunction(() => document.querySelector('[role=listbox]')?.hasAttribute('aria-label')) } },
  keys: { path: `/inbox/${LIN}`, act: async (page) => { await inbox(page); await page.keyboard.press('Shift+?'); await page.getByRole('dialog').waitFor() } },
  why: { path: `/inbox/${LIN}`, act: async (page) => { await inbox(page); await page.keyboard.press('w'); await page.getByText('Karin Weber').waitFor() } },
  transfer: { path: `/inbox/${LIN}`, act: async (page) => { await inbox(page); await page.keyboard.press('s'); await page.getByRole('radio').first().waitFor() } },
  note: { path: `/inbox/${LIN}`, act: async (page) => { await inbox(page); await page.keyboard.press('n'); await page.keyboard.type('Checked with the exchange.'); await pull(page, 'frame', { t: 'looking', c: LIN, agents: [{ id: 'x', name: 'Mei Tanaka', writing: true }] }); await pull(page, 'frame', { t: 'typing', c: LIN, who: { id: 'y', name: 'Lin', role: 'customer' }, on: true }) } },
  refused: { path: `/inbox/${LIN}`, act: async (page) => { await inbox(page); await page.keyboard.press('r'); await page.keyboard.type('Please REFUSE this message.'); await page.keyboard.press('Control+Enter'); await page.locator('.text-warn [class*=alert], .border-warn-solid').first().waitFor() } },
  reveal: { path: `/inbox/${LIN}`, act: async (page) => { await inbox(page); if (page.viewportSize().width < 1280) await page.getByRole('button', { name: /Customer and properties|客户与属性/ }).click(); await page.getByRole('button', { name: /Show for…|查看用途…/ }).first().click(); await page.getByRole('menuitem').first().click(); await page.getByText('lin.haoran88').waitFor() } },
  people: { path: '/people', act: (page) => page.locator('table').waitFor() },
  agent: { path: '/people/0190a000-0000-7000-8000-000000000003', act: (page) => page.locator('form').waitFor() },
  teams: { path: '/people/teams', act: (page) => page.getByText('Europe').waitFor() },
  invitations: { path: '/people/invitations', act: (page) => page.getByText('Omar').first().waitFor() },
  audit: { path: '/audit', act: (page) => page.locator('table').waitFor() },
  account: { path: '/account', act: (page) => page.getByText('YubiKey').waitFor() },
  enrol: { path: '/enrol', act: async (page) => { await page.getByRole('button', { name: /authenticator|验证器/ }).click(); await page.locator('img').waitFor() } },
  signin: { path: '/sign-in', act: (page) => page.locator('form').waitFor() },
  invitation: { path: '/invitation/abc', act: (page) => page.locator('form').waitFor() },
  forgotten: { path: '/forgotten', act: (page) => page.locator('form').waitFor() },
}
const SHAPES = [
  ['wide', 1440, 900, 'light', 'en'], ['wide', 1440, 900, 'dark', 'zh-Hans'], ['middle', 1024, 768, 'light', 'zh-Hans'], ['phone', 390, 844, 'dark', 'en'],
]
let faults = 0
for (const [shape, width, height, theme, language] of SHAPES) {
  for (const [name, view] of Object.entries(VIEWS)) {
    if (only && !only.split(',').includes(name)) continue
    const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce', bypassCSP: false })
    await context.addInitScript(([t, l]) => { localStorage.setItem('hf-theme', t); localStorage.setItem('hf-language', l) }, [theme, language])
    const page = await context.newPage()
    const complain = (text) => { faults += 1; console.log(`${name} ${shape} ${theme} ${language}: ${text}`) }
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type()) && !/AudioContext/.test(message.text())) complain(message.text().slice(0, 300)) })
    page.on('pageerror', (error) => complain(error.message))
    page.on('request', (request) => { if (!/^(http|ws):\/\/localhost|^data:|^blob:/.test(request.url())) complain('foreign request ' + request.url()) })
    try {
      await page.goto(base + view.path)
      await view.act(page)
      await page.waitForTimeout(350)
      await page.screenshot({ path: `${folder}/${name}-${shape}-${theme}-${language}.png` })
      // Through the debugger, so that the page's own policy stays in force while it is measured.
      await page.evaluate(axe)
      const { violations } = await page.evaluate(() => window.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
      for (const violation of violations) complain(`axe ${violation.impact} ${violation.id}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + ' ' + (node.any[0]?.message ?? '').slice(0, 120)).join(' || ')}`)
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      if (overflow) complain('wider than the screen')
    } catch (error) {
      complain(error.message.split('\n').slice(0, 4).join(' '))
      await page.screenshot({ path: `${folder}/${name}-${shape}-failed.png` })
    }
    await context.close()
  }
}
await browser.close()
server.kill()
console.log(faults ? `${faults} faults` : 'no faults')
process.exit(faults ? 1 : 0)
