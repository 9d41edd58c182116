/** A call from inside the app, by JsSIP: loaded when somebody calls (55 KB gzip). */

import { UA } from 'jssip'
import type { Socket } from 'jssip'
import type { RTCSession } from 'jssip/lib/RTCSession'

export type Fault = 'busy' | 'away' | 'many' | 'lost'
export interface Hears {
  /** the server's side plays or speaks: it is answered at once, and one waits with music */
  connected: () => void
  ended: (fault: Fault | null) => void
}
export interface Call {
  mute: (on: boolean) => void
  key: (key: string) => void
  hangUp: () => void
}

const CANDIDATES_WITHIN = 200
const TOO_MANY = 4429
const AWAY = 1013

/** 192 random bits: the engine knows them as long as the socket is open. */
function secret(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)))).replaceAll('+', '-').replaceAll('/', '_')
}

/** JsSIP's own names one subprotocol only; ours carries who calls in a second one, since an address ends up in logs. */
class Line {
  via_transport = 'WSS'
  readonly sip_uri: string
  private socket: WebSocket | null = null
  onconnect = (): void => undefined
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => undefined
  ondata: (data: unknown) => void = () => undefined

  constructor(readonly url: string, private readonly protocols: string[], private readonly closed: (code: number) => void) {
    this.sip_uri = `sip:${new URL(url).host};transport=ws`
  }

  connect(): void {
    if (this.socket) return
    const socket = new WebSocket(this.url, this.protocols)
    this.socket = socket
    socket.onopen = () => this.onconnect()
    socket.onmessage = ({ data }) => this.ondata(data)
    socket.onclose = ({ code, reason }) => {
      this.socket = null
      this.closed(code)
      this.ondisconnect(code !== 1000, code, reason)
    }
  }

  disconnect(): void {
    this.socket?.close()
  }

  send(message: string): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false
    this.socket.send(message)
    return true
  }

  isConnected(): boolean {
    return this.socket?.readyState === WebSocket.OPEN
  }

  isConnecting(): boolean {
    return this.socket?.readyState === WebSocket.CONNECTING
  }
}

export function call(url: string, token: string, conversation: string, microphone: MediaStream, sound: HTMLAudioElement, hears: Hears): Call {
  const name = `app-${conversation.replaceAll('-', '')}`
  const password = secret()
  let session: RTCSession | null = null
  let over = false
  const end = (fault: Fault | null): void => {
    if (over) return
    over = true
    for (const track of microphone.getTracks()) track.stop()
    sound.srcObject = null
    ua.stop()
    hears.ended(fault)
  }
  // A talk outlives its signalling for as long as sound comes; one that has not begun does not begin any more.
  const closed = (code: number): void => {
    if (code === TOO_MANY) end('many')
    else if (code === AWAY || !session?.isEstablished()) end('away')
  }
  const ua = new UA({
    sockets: [new Line(url, ['sip', `call.${token}.${password}`], closed) as unknown as Socket],
    uri: `sip:${name}@phone.invalid`,
    contact_uri: `sip:${name}@${name}.invalid;transport=ws`,
    password,
    register: false,
    session_timers: false,
  })
  ua.on('connected', () => {
    if (session) return
    session = ua.call('sip:support@phone.invalid', {
      mediaStream: microphone,
      pcConfig: { iceServers: [], bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' },
      eventHandlers: {
        confirmed: () => hears.connected(),
        ended: () => end(null),
        failed: ({ cause }) => end(String(cause) === 'Canceled' ? null : String(cause) === 'Busy' ? 'busy' : 'lost'),
      },
    })
    let waiting: ReturnType<typeof setTimeout> | undefined
    session.on('icecandidate', ({ ready }) => {
      clearTimeout(waiting)
      waiting = setTimeout(ready, CANDIDATES_WITHIN)
    })
    session.connection.addEventListener('track', ({ streams, track }) => {
      sound.srcObject = streams[0] ?? new MediaStream([track])
      void sound.play().catch(() => undefined)
    })
  })
  ua.start()
  return {
    mute: (on) => { for (const track of microphone.getAudioTracks()) track.enabled = !on },
    key: (key) => session?.sendDTMF(key),
    hangUp: () => {
      if (session?.isEnded() === false) session.terminate()
      end(null)
    },
  }
}
