import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Connection, type Status } from '../src/connection.ts'
import type { ClientFrame, ServerFrame } from '../src/protocol.ts'

class FakeSocket {
  readyState = 0
  sent: ClientFrame[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientFrame)
  }
  close(): void {
    this.readyState = 3
  }
  open(): void {
    this.readyState = 1
    this.onopen?.()
  }
  hear(frame: ServerFrame | { t: string }): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  live(): void {
    this.open()
    this.hear({ t: 'ready' })
    this.hear({ t: 'live' })
  }
  cut(code: number): void {
    this.readyState = 3
    this.onclose?.({ code })
  }
}

let sockets: FakeSocket[]
let statuses: Status[]
let since: number
let found: boolean | Error

function begin(): Connection {
  const connection = new Connection({
    url: 'ws://x',
    hello: () => ({ t: 'hello', token: 't', since, lang: 'en' }),
    onFrame: () => since++,
    onStatus: (status) => statuses.push(status),
    renew: () => (found instanceof Error ? Promise.reject(found) : Promise.resolve(found)),
    socket: () => {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket as unknown as WebSocket
    },
    random: () => 1,
  })
  connection.start()
  return connection
}
const last = (): FakeSocket => sockets.at(-1) as FakeSocket

beforeEach(() => {
  vi.useFakeTimers()
  sockets = []
  statuses = []
  since = 0
  found = false
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('says hello, and names what it has when it resumes', () => {
  begin()
  last().live()
  expect(last().sent).toEqual([{ t: 'hello', token: 't', since: 0, lang: 'en' }])
  last().cut(1012)
  vi.advanceTimersByTime(500)
  last().open()
  expect(last().sent).toEqual([{ t: 'hello', token: 't', since: 2, lang: 'en' }])
  expect(statuses).toEqual(['connecting', 'live', 'waiting', 'connecting'])
})

test('nothing is sent before it is live', () => {
  const connection = begin()
  last().open()
  expect(connection.send({ t: 'ping' })).toBe(false)
  last().hear({ t: 'live' })
  expect(connection.send({ t: 'ping' })).toBe(true)
})

test('backs off 0.5, 1, 2 … 15 s and begins anew after success', () => {
  begin()
  for (const wait of [500, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
    const count = sockets.length
    last().cut(1006)
    vi.advanceTimersByTime(wait - 1)
    expect(sockets.length).toBe(count)
    vi.advanceTimersByTime(1)
    expect(sockets.length).toBe(count + 1)
  }
  last().live()
  last().cut(1006)
  const count = sockets.length
  vi.advanceTimersByTime(500)
  expect(sockets.length).toBe(count + 1)
})

test('pings every 20 s; 45 s of silence is a dead line', () => {
  begin()
  last().live()
  vi.advanceTimersByTime(20_000)
  expect(last().sent.at(-1)).toEqual({ t: 'ping' })
  last().hear({ t: 'pong' })
  vi.advanceTimersByTime(44_000)
  expect(sockets.length).toBe(1)
  vi.advanceTimersByTime(6_500)
  expect(sockets.length).toBe(2)
})

test('a server that never gets ready is left after 15 s', () => {
  begin()
  last().open()
  vi.advanceTimersByTime(15_500)
  expect(sockets.length).toBe(2)
})

test('online: at once, not after the back-off', () => {
  const target = new EventTarget()
  vi.stubGlobal('addEventListener', target.addEventListener.bind(target))
  vi.stubGlobal('removeEventListener', target.removeEventListener.bind(target))
  begin()
  for (let i = 0; i < 6; i++) {
    last().cut(1006)
    vi.advanceTimersByTime(15_000)
  }
  last().cut(1006)
  const count = sockets.length
  target.dispatchEvent(new Event('online'))
  expect(sockets.length).toBe(count + 1)
})

test('a sleeper’s dead socket is replaced 5 s after waking', () => {
  const target = new EventTarget()
  vi.stubGlobal('addEventListener', target.addEventListener.bind(target))
  begin()
  last().live()
  vi.setSystemTime(Date.now() + 15_000)
  target.dispatchEvent(new Event('online'))
  expect(last().sent.at(-1)).toEqual({ t: 'ping' })
  vi.advanceTimersByTime(5_000)
  expect(sockets.length).toBe(2)
})

test('too slow: resumes at once; replaced: waits until it is used', () => {
  const connection = begin()
  last().live()
  last().cut(4408)
  expect(sockets.length).toBe(2)
  last().live()
  last().cut(4409)
  vi.advanceTimersByTime(60_000)
  expect(sockets.length).toBe(2)
  expect(connection.status).toBe('paused')
  connection.hurry()
  expect(sockets.length).toBe(3)
})

test('a dead token: ends, unless another is found', async () => {
  const connection = begin()
  last().cut(4401)
  await vi.advanceTimersByTimeAsync(0)
  expect(connection.status).toBe('ended')

  found = true
  const second = begin()
  last().cut(4401)
  await vi.advanceTimersByTimeAsync(0)
  expect(second.status).toBe('connecting')
  last().cut(4401)
  expect(second.status).toBe('ended')
})

test('a dead token that cannot be checked now is asked about later', async () => {
  found = new Error('offline')
  const connection = begin()
  last().cut(4401)
  await vi.advanceTimersByTimeAsync(0)
  expect(connection.status).toBe('waiting')
  await vi.advanceTimersByTimeAsync(500)
  expect(sockets.length).toBe(2)
})

test('garbage from the line is ignored; stop leaves nothing running', () => {
  const connection = begin()
  last().live()
  last().onmessage?.({ data: 'garbage' })
  connection.stop()
  vi.advanceTimersByTime(120_000)
  expect(sockets.length).toBe(1)
  expect(connection.status).toBe('idle')
})
