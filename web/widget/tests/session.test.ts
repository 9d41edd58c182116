import { WebSocket } from 'ws'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Api } from '../src/api.ts'
import { newKey } from '../src/ids.ts'
import { Outbox } from '../src/outbox.ts'
import type { Redaction } from '../src/protocol.ts'
import { Session, type SessionHost } from '../src/session.ts'
import { Keep } from '../src/storage.ts'
import { FakeServer } from './fake-server.mjs'
import { MemoryStorage } from './memory.ts'

/** A browser's socket that is closed early fires `close`; this one would also throw. */
class QuietSocket extends WebSocket {
  constructor(url: string) {
    super(url)
    this.on('error', () => undefined)
  }
}

let server: FakeServer
const sessions: Session[] = []
const exposed: Redaction[] = []

beforeEach(async () => {
  vi.stubGlobal('WebSocket', QuietSocket)
  server = await new FakeServer().listen()
})
let looked = 0
afterEach(() => {
  looked = 0
  for (const session of sessions.splice(0)) session.stop()
  exposed.length = 0
  server.close()
  vi.unstubAllGlobals()
})

function join(held: ReturnType<FakeServer['begin']>, storage = new MemoryStorage(), tab = newKey()): Session {
  const host: SessionHost = {
    api: new Api(server.url, 'demo'), outbox: new Outbox(new Keep(storage, 'p:'), tab), language: () => 'en',
    guard: null, changed: () => undefined, exposed: (found) => exposed.push(...found), look: () => { looked++ }, renewToken: async () => null,
  }
  const session = new Session(held.state.id, held.token, structuredClone(held.state), host)
  sessions.push(session)
  session.connect()
  return session
}
const words = (held: ReturnType<FakeServer['begin']>): string[] => held.entries.filter((entry) => entry.kind === 'public').map((entry) => entry.b)
const begin = (): ReturnType<FakeServer['begin']> => server.begin({ k: newKey(), b: 'first', language: 'en', emergency: false })
const shown = (session: Session): string[] => session.rows().filter(({ entry }) => entry?.kind !== 'system').map(({ entry, local }) => entry?.b ?? `${local?.status}:${local?.b}`)

test('nothing lost, nothing doubled, order kept, while the line is cut again and again', async () => {
  const held = begin()
  const session = join(held)
  const all = Array.from({ length: 40 }, (_, i) => `word ${i}`)
  for (const [i, word] of all.entries()) {
    session.say(word)
    if (i % 7 === 3) {
      await vi.waitFor(() => expect(session.status).toBe('live'), { timeout: 5000, interval: 5 })
      server.cut(i % 2 ? 1012 : 4408)
    }
  }
  await vi.waitFor(() => expect(session.unsent()).toEqual([]), { timeout: 8000, interval: 20 })
  expect(words(held)).toEqual(['first', ...all])
  expect(shown(session)).toEqual(['first', ...all])
}, 15_000)

test('an ack that is lost: the message goes again under its key and stands once', async () => {
  const held = begin()
  server.silent = true
  const session = join(held)
  await vi.waitFor(() => expect(session.status).toBe('live'))
  session.say('once')
  await vi.waitFor(() => expect(words(held)).toHaveLength(2))
  server.silent = false
  server.cut()
  await vi.waitFor(() => expect(session.unsent()).toEqual([]), { timeout: 5000 })
  expect(words(held)).toHaveLength(2)
  expect(shown(session)).toEqual(['first', 'once'])
})

test('words survive the page: the next one sends them', async () => {
  const held = begin()
  const storage = new MemoryStorage()
  server.down = true
  join(held, storage, 'tab').say('kept')
  sessions.pop()?.stop()
  server.down = false
  const session = join(held, storage, 'tab')
  await vi.waitFor(() => expect(words(held)).toEqual(['first', 'kept']), { timeout: 5000 })
  await vi.waitFor(() => expect(session.unsent()).toEqual([]))
})

test('a refused message says why and does not hold the next back', async () => {
  const held = begin()
  const session = join(held)
  await vi.waitFor(() => expect(session.status).toBe('live'))
  server.refuse = 'too_long'
  session.say('refused')
  session.say('next')
  await vi.waitFor(() => expect(shown(session)).toEqual(['first', 'next', 'failed:refused']))
})

test('a recovery phrase: the stored form replaces what was typed, and the host hears of it', async () => {
  const held = begin()
  const session = join(held)
  await vi.waitFor(() => expect(session.status).toBe('live'))
  session.say('abandon ability able about above absent absorb abstract absurd abuse access accident')
  await vi.waitFor(() => expect(shown(session)).toEqual(['first', '[⛔ recovery_phrase·12]']))
  expect(exposed).toEqual([{ kind: 'recovery_phrase', count: 12 }])
})

test('reading is told once and moves the unread count', async () => {
  const held = begin()
  const session = join(held)
  await vi.waitFor(() => expect(session.status).toBe('live'))
  server.say(held, 'answer')
  await vi.waitFor(() => expect(session.unread()).toBe(1))
  session.markRead()
  expect(session.unread()).toBe(0)
  await vi.waitFor(() => expect(held.state.read.customer).toBe(3))
})

test('a notice that known problems have changed has them asked for at once', async () => {
  const held = begin()
  const session = join(held)
  await vi.waitFor(() => expect(session.status).toBe('live'))
  server.push(held, { t: 'problems' })
  await vi.waitFor(() => expect(looked).toBe(1))
})
