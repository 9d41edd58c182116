import { Close, readFrame, type ClientFrame, type ServerFrame } from './protocol.ts'

/** `ended`: the token is dead, nothing reconnects. `paused`: replaced by another page, until this one is used again. */
export type Status = 'idle' | 'connecting' | 'live' | 'waiting' | 'paused' | 'ended'

const PING_EVERY = 20_000
const SILENCE = 45_000
const READY_WITHIN = 15_000
/** after waking, a socket that looks open must prove itself this fast */
const PROBE_WITHIN = 5_000
const BACKOFF_FIRST = 500
const BACKOFF_MOST = 15_000

export interface ConnectionOptions {
  url: string
  /** asked anew at each connect: the token may have changed, and `since` grows */
  hello: () => ClientFrame
  onFrame: (frame: ServerFrame) => void
  onStatus: (status: Status) => void
  /** 4401 or 4403: resolves to true when a new token was found, so that one more attempt makes sense */
  renew: () => Promise<boolean>
  socket?: (url: string) => WebSocket
  random?: () => number
}

/** One WebSocket that is always on its way back: resume, heartbeat, exponential back-off with jitter. */
export class Connection {
  status: Status = 'idle'
  private socket: WebSocket | null = null
  private attempt = 0
  private heard = 0
  private lastPing = 0
  private renewed = false
  private retry: ReturnType<typeof setTimeout> | undefined
  private beat: ReturnType<typeof setInterval> | undefined
  private deadline: ReturnType<typeof setTimeout> | undefined
  private readonly wake = (): void => this.onWake()
  private readonly shown = (): void => {
    if (document.visibilityState === 'visible') this.onWake()
  }

  constructor(private readonly options: ConnectionOptions) {}

  start(): void {
    if (this.status !== 'idle') return
    globalThis.addEventListener?.('online', this.wake)
    globalThis.document?.addEventListener('visibilitychange', this.shown)
    this.connect()
  }

  stop(): void {
    globalThis.removeEventListener?.('online', this.wake)
    globalThis.document?.removeEventListener('visibilitychange', this.shown)
    this.drop()
    this.become('idle')
  }

  /** False when nothing was sent; the caller keeps what must not be lost. */
  send(frame: ClientFrame): boolean {
    if (this.status !== 'live' || this.socket?.readyState !== 1) return false
    this.socket.send(JSON.stringify(frame))
    return true
  }

  /** Try at once instead of waiting for the back-off. */
  hurry(): void {
    if (this.status === 'waiting' || this.status === 'paused') this.connect()
  }

  private connect(): void {
    this.drop()
    this.become('connecting')
    let socket: WebSocket
    try {
      socket = (this.options.socket ?? ((url) => new WebSocket(url)))(this.options.url)
    } catch {
      this.later()
      return
    }
    this.socket = socket
    this.heard = Date.now()
    socket.onopen = () => socket.send(JSON.stringify(this.options.hello()))
    socket.onmessage = (event: MessageEvent) => this.hear(socket, event.data)
    socket.onclose = (event: CloseEvent) => {
      if (this.socket === socket) this.closed(event.code)
    }
    this.deadline = setTimeout(() => this.again(), READY_WITHIN)
    this.beat = setInterval(() => this.tick(), PING_EVERY / 4)
    this.lastPing = this.heard
  }

  private tick(): void {
    const now = Date.now()
    if (now - this.heard >= SILENCE) {
      this.again()
    } else if (this.status === 'live' && now - this.lastPing >= PING_EVERY) {
      this.lastPing = now
      this.send({ t: 'ping' })
    }
  }

  private hear(socket: WebSocket, data: unknown): void {
    if (this.socket !== socket) return
    this.heard = Date.now()
    if (this.status === 'live') clearTimeout(this.deadline)
    const frame = readFrame(data)
    if (!frame) return
    if (frame.t === 'ready') clearTimeout(this.deadline)
    if (frame.t === 'live') {
      this.attempt = 0
      this.renewed = false
      this.options.onFrame(frame)
      this.become('live')
      return
    }
    this.options.onFrame(frame)
  }

  private closed(code: number): void {
    this.drop()
    if (code === Close.tokenInvalid || code === Close.forbidden) {
      if (this.renewed) {
        this.become('ended')
        return
      }
      this.renewed = true
      this.become('waiting')
      void this.options.renew().then(
        (found) => {
          if (this.status !== 'waiting') return
          if (found) this.connect()
          else this.become('ended')
        },
        () => {
          // not answered (offline?): ask again later, the token may still be good
          this.renewed = false
          if (this.status === 'waiting') this.later()
        },
      )
    } else if (code === Close.replaced) {
      this.become('paused')
    } else if (code === Close.tooSlow) {
      this.connect()
    } else {
      if (code === Close.tooMany) this.attempt = Math.max(this.attempt, 5)
      this.later()
    }
  }

  /** Full jitter over the upper half: many widgets must not come back in the same instant after a restart. */
  private later(): void {
    this.drop()
    const most = Math.min(BACKOFF_MOST, BACKOFF_FIRST * 2 ** this.attempt++)
    const wait = most / 2 + ((this.options.random ?? Math.random)() * most) / 2
    this.become('waiting')
    this.retry = setTimeout(() => this.connect(), wait)
  }

  private again(): void {
    this.drop()
    this.later()
  }

  private onWake(): void {
    if (this.status === 'waiting' || this.status === 'paused') {
      this.connect()
    } else if (this.status === 'live' && Date.now() - this.heard > PING_EVERY / 2) {
      this.send({ t: 'ping' })
      clearTimeout(this.deadline)
      this.deadline = setTimeout(() => this.connect(), PROBE_WITHIN)
    }
  }

  private drop(): void {
    clearTimeout(this.retry)
    clearTimeout(this.deadline)
    clearInterval(this.beat)
    const socket = this.socket
    this.socket = null
    if (socket && socket.readyState <= 1) socket.close()
  }

  private become(status: Status): void {
    if (this.status === status) return
    this.status = status
    this.options.onStatus(status)
  }
}
