import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LiveSocket, type Link } from '@/live/socket'
import type { ClientFrame, ServerFrame } from '@shared/protocol'

class Wire {
  static all: Wire[] = []
  readyState = 0
  sent: ClientFrame[] = []
  closed = false
  onopen: ((event: Event) => void) | null = null
  onmessage: ((event: MessageEvent) => void) | null = null
  onclose: ((event: CloseEvent) => void) | null = null
  constructor(readonly url: string) {
    Wire.all.push(this)
  }
  send(text: string) {
    this.sent.push(JSON.parse(text) as ClientFrame)
  }
  close() {
    this.closed = true
  }
  up() {
    this.readyState = 1
    this.onopen?.(new Event('open'))
    this.say({ t: 'ready', me: {}, presence: {} } as unknown as ServerFrame)
  }
  say(frame: ServerFrame) {
    this.onmessage?.({ data: JSON.stringify(frame) } as MessageEvent)
  }
  die(code: number) {
    this.onclose?.({ code } as CloseEvent)
  }
}

describe('live socket', () => {
  let links: Link[]
  let socket: LiveSocket
  const last = () => Wire.all.at(-1)!
  const state = () => links.at(-1)?.state

  beforeEach(() => {
    vi.useFakeTimers()
    Wire.all = []
    links = []
    socket = new LiveSocket({ url: 'ws://x', onFrame: () => undefined, onLink: (link) => links.push(link), make: (url) => new Wire(url) as unknown as WebSocket, random: () => 1 })
    socket.start()
  })
  afterEach(() => {
    socket.stop()
    vi.useRealTimers()
  })

  it('greets first and is live once the server is ready', () => {
    last().up()
    expect(last().sent).toEqual([{ t: 'hello' }])
    expect(state()).toBe('live')
  })

  it('sends nothing while the line is down', () => {
    expect(socket.send({ t: 'ping' })).toBe(false)
    last().up()
    expect(socket.send({ t: 'ping' })).toBe(true)
  })

  it('asks again for everything after what it has, at each reconnect', () => {
    last().up()
    let applied = 4
    socket.open('c1', () => applied)
    applied = 9
    last().die(1006)
    vi.advanceTimersByTime(500)
    last().up()
    expect(last().sent).toContainEqual({ t: 'open', c: 'c1', since: 9 })
    socket.shut('c1')
    last().die(1006)
    vi.advanceTimersByTime(500)
    last().up()
    expect(last().sent).toEqual([{ t: 'hello' }])
  })

  it('waits longer each time, at most 15 s', () => {
    const waits: number[] = []
    for (let i = 0; i < 8; i++) {
      last().die(1006)
      waits.push(links.at(-1)!.next! - Date.now())
      vi.advanceTimersByTime(waits.at(-1)!)
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15000, 15000, 15000])
  })

  it('comes back at once when it was too slow, or the network is back', () => {
    last().up()
    last().die(4408)
    vi.advanceTimersByTime(0)
    expect(Wire.all).toHaveLength(2)
    last().die(1006)
    dispatchEvent(new Event('online'))
    expect(Wire.all).toHaveLength(3)
  })

  it('pings, and takes 45 s of silence for a dead line', () => {
    last().up()
    vi.advanceTimersByTime(20_000)
    expect(last().sent.at(-1)).toEqual({ t: 'ping' })
    vi.advanceTimersByTime(24_000)
    last().say({ t: 'pong' })
    vi.advanceTimersByTime(44_000)
    expect(state()).toBe('live')
    vi.advanceTimersByTime(1_000)
    expect(state()).toBe('lost')
    expect(Wire.all[0]!.closed).toBe(true)
  })

  it('does not knock again when the session is over or another window took the line', () => {
    last().up()
    last().die(4401)
    expect(state()).toBe('refused')
    vi.advanceTimersByTime(60_000)
    expect(Wire.all).toHaveLength(1)
    socket.retryNow()
    last().up()
    last().die(4409)
    expect(state()).toBe('replaced')
    vi.advanceTimersByTime(60_000)
    expect(Wire.all).toHaveLength(2)
  })
})
