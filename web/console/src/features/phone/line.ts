/** The SIP line of this tab, by JsSIP. Loaded when the phone is turned on: 60 KB that nobody needs before. */

import { UA, WebSocketInterface } from 'jssip'
import type { IncomingRTCSessionEvent, RTCSessionEvent } from 'jssip/lib/UA'
import type { RTCSession } from 'jssip/lib/RTCSession'

export interface Hears {
  registered(): void
  /** `code`: why the socket closed, if the server said so */
  lost(code: number | undefined): void
  /** the engine does not know these credentials (any more) */
  refused(): void
  invited(call: string): void
  confirmed(): void
  ended(): void
  sound(stream: MediaStream): void
}

export interface SipLine {
  answer(microphone: MediaStream): void
  /** the session's microphone from now on */
  replace(microphone: MediaStream): Promise<void>
  hangUp(): void
  close(): void
}

const REGISTERED_FOR = 120
// Candidates of a machine come within some ms; waiting for the last one can take 40 s without a network.
const CANDIDATES_WITHIN = 200
const BUSY = 486
const CALL = 'X-Holdfast-Call'

export function openLine(url: string, name: string, password: string, hears: Hears): SipLine {
  const ua = new UA({
    sockets: [new WebSocketInterface(url)],
    uri: `sip:${name}@phone.invalid`,
    // The proxy passes on what speaks in the device's name only, and the answers to a call come from the contact.
    contact_uri: `sip:${name}@${name}.invalid;transport=ws`,
    password,
    register_expires: REGISTERED_FOR,
    session_timers: false,
    connection_recovery_min_interval: 1,
    connection_recovery_max_interval: 10,
  })
  let session: RTCSession | null = null

  ua.on('registered', () => hears.registered())
  ua.on('registrationFailed', ({ cause }) => {
    // Else the line was lost meanwhile, which is told by itself.
    if (String(cause) !== 'Connection Error' && String(cause) !== 'Request Timeout') hears.refused()
  })
  ua.on('disconnected', ({ code }) => hears.lost(code))
  ua.on('newRTCSession', (event: RTCSessionEvent) => {
    const { session: fresh, request } = event as IncomingRTCSessionEvent
    if (session) return void fresh.terminate({ status_code: BUSY })
    session = fresh
    let waiting: ReturnType<typeof setTimeout> | undefined
    fresh.on('peerconnection', ({ peerconnection }) => {
      peerconnection.addEventListener('track', ({ streams, track }) => hears.sound(streams[0] ?? new MediaStream([track])))
    })
    fresh.on('icecandidate', ({ ready }) => {
      clearTimeout(waiting)
      waiting = setTimeout(ready, CANDIDATES_WITHIN)
    })
    fresh.on('confirmed', () => hears.confirmed())
    const over = () => {
      clearTimeout(waiting)
      if (session !== fresh) return
      session = null
      hears.ended()
    }
    fresh.on('ended', over)
    fresh.on('failed', over)
    hears.invited(request.getHeader(CALL) ?? '')
  })
  ua.start()

  return {
    // The engine offers alaw first, and it is taken: a trunk's call is then passed on as it is.
    answer: (microphone) => session?.answer({ mediaStream: microphone, pcConfig: { iceServers: [], bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' } }),
    async replace(microphone) {
      const [track] = microphone.getAudioTracks()
      const sender = (session?.connection as RTCPeerConnection | undefined)?.getSenders().find((one) => one.track?.kind === 'audio')
      if (track) await sender?.replaceTrack(track)
    },
    hangUp: () => {
      if (session?.isEnded() === false) session.terminate({ status_code: BUSY })
    },
    close: () => ua.stop(),
  }
}
