/** The console's line to the server: hello, heartbeat, back-off with jitter, and re-opening what was open. */

import type { ClientFrame, ServerFrame } from '@shared/protocol'

export interface Link {
  state: 'connecting' | 'live' | 'lost' | 'refused' | 'replaced'
  /** ms; when the line was last good, or when the first attempt began */
  since: number
  /** ms of the next attempt; null while connected or when none is planned */
  next: number | null
}

type Wire = Pick<WebSocket, 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'readyState'>

export interface SocketOptions {
  url: string
  onFrame: (frame: ServerFrame) => void
  onLink: (link: Link) => void
  make?: (url: string) => Wire
  /** 0..1 */
  random?: () => number
}

const PING_EVERY = 20_000
const SILENCE = 45_000
const BACKOFF_FIRST = 500
const BACKOFF_MOST = 15_000
const OPEN_STATE = 1
const NOT_SIGNED_IN = 4401
const FORBIDDEN = 4403
const TOO_SLOW = 4408
const REPLACED = 4409

export class LiveSocket {
  private wire: Wire | null = null
  private tries = 0
  private stopped = true
  private retry: ReturnType<typeof setTimeout> | undefined
  private ping: ReturnType<typeof setInterval> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined
  private link: Link = { state: 'connecting', since: Date.now(), next: null }
  /** open conversations, each with how to ask for its last applied seq */
  private readonly opened = new Map<string, () => number>()
  private readonly onOnline = () => this.retryNow()

  constructor(private readonly options: SocketOptions) {}

  start(): void {
    if (!this.stopped) return
    this.stopped = false
    addEventListener('online', this.onOnline)
    this.connect()
  }

  stop(): void {
    this.stopped = true
    removeEventListener('online', this.onOnline)
    clearTimeout(this.retry)
    this.drop()
    this.opened.clear()
  }

  /** @returns false when the line is down: nothing was sent. */
  send(frame: ClientFrame): boolean {
    if (this.link.state !== 'live' || this.wire?.readyState !== OPEN_STATE) return false
    this.wire.send(JSON.stringify(frame))
    return true
  }

  /** Follows a conversation from its last applied seq on, and again after each reconnect. */
  open(conversation: string, since: () => number): void {
    this.opened.set(conversation, since)
    this.send({ t: 'open', c: conversation, since: since() })
  }

  shut(conversation: string): void {
    if (this.opened.delete(conversation)) this.send({ t: 'shut', c: conversation })
  }

  retryNow(): void {
    if (this.stopped || this.link.state === 'live') return
    clearTimeout(this.retry)
    this.tries = 0
    this.drop()
    this.connect()
  }

  private connect(): void {
    if (this.link.state !== 'connecting') this.tell({ ...this.link, next: null })
    const wire = (this.options.make ?? ((url) => new WebSocket(url)))(this.options.url)
    this.wire = wire
    wire.onopen = () => wire.send(JSON.stringify({ t: 'hello' } satisfies ClientFrame))
    wire.onmessage = (event) => this.receive(String(event.data))
    wire.onclose = (event) => this.closed(event.code)
    this.listen()
  }

  private receive(text: string): void {
    this.listen()
    const frame = JSON.parse(text) as ServerFrame
    if (frame.t === 'ready') {
      this.tries = 0
      this.tell({ state: 'live', since: Date.now(), next: null })
      clearInterval(this.ping)
      this.ping = setInterval(() => this.send({ t: 'ping' }), PING_EVERY)
      for (const [conversation, since] of this.opened) this.send({ t: 'open', c: conversation, since: since() })
    }
    this.options.onFrame(frame)
  }

  /** A line that has been silent for 45 s is dead, whatever the operating system believes. */
  private listen(): void {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => {
      this.drop()
      this.closed(0)
    }, SILENCE)
  }

  private closed(code: number): void {
    this.drop()
    if (this.stopped) return
    if (code === NOT_SIGNED_IN || code === FORBIDDEN) return this.tell({ ...this.lost(), state: 'refused' })
    if (code === REPLACED) return this.tell({ ...this.lost(), state: 'replaced' })
    // Full jitter over the upper half: many consoles that lost one server do not come back in the same instant.
    const span = Math.min(BACKOFF_MOST, BACKOFF_FIRST * 2 ** this.tries)
    const wait = code === TOO_SLOW && this.tries === 0 ? 0 : span / 2 + ((this.options.random ?? Math.random)() * span) / 2
    this.tries += 1
    this.tell({ ...this.lost(), next: Date.now() + wait })
    this.retry = setTimeout(() => this.connect(), wait)
  }

  private lost(): Link {
    const since = this.link.state === 'live' ? Date.now() : this.link.since
    return { state: 'lost', since, next: null }
  }

  private drop(): void {
    clearTimeout(this.silence)
    clearInterval(this.ping)
    const wire = this.wire
    this.wire = null
    if (!wire) return
    wire.onopen = wire.onmessage = wire.onclose = null
    wire.close()
  }

  private tell(link: Link): void {
    this.link = link
    this.options.onLink(link)
  }
}
