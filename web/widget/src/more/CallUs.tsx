import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Model } from '../model.ts'
import { useShared } from '../ui/App.tsx'
import type { MoreKey, PageProps } from './index.tsx'
import type { Call } from './sip.ts'

type State = 'ready' | 'asking' | 'calling' | 'up' | 'over'
const FAULTS: Record<string, MoreKey> = {
  NotAllowedError: 'call_denied', SecurityError: 'call_denied', NotFoundError: 'call_no_mic', NotReadableError: 'call_no_mic',
  busy: 'call_away', away: 'call_away', many: 'call_many', lost: 'call_lost', unsupported: 'call_unsupported',
}
/** The conversation of a call may have to be made first; after this (ms) there is no connection. */
const BEGUN_WITHIN = 15_000

/** The next change of anything, or a second. */
function next(model: Model): Promise<void> {
  return new Promise((done) => {
    const stop = model.subscribe(() => { stop(); done() })
    setTimeout(() => { stop(); done() }, 1000)
  })
}

/** A call to the team, in the conversation at hand or a new one. */
export function CallUs({ view, words }: PageProps): VNode {
  const { model } = useShared()
  const t = words.t.bind(words)
  const [state, setState] = useState<State>('ready')
  const [fault, setFault] = useState<MoreKey | null>(null)
  const [muted, setMuted] = useState(false)
  const [since, setSince] = useState(0)
  const [, tick] = useState(0)
  const call = useRef<Call | null>(null)
  const sound = useRef<HTMLAudioElement>(null)
  const here = useRef(true)
  useEffect(() => {
    here.current = true
    return () => {
      here.current = false
      call.current?.hangUp()
    }
  }, [])
  useEffect(() => {
    if (state !== 'up') return
    const timer = setInterval(() => tick((n) => n + 1), 1000)
    return () => clearInterval(timer)
  }, [state])

  const fail = (why: string): void => {
    setFault(FAULTS[why] ?? 'call_lost')
    setState('over')
  }
  const begin = async (): Promise<void> => {
    setFault(null)
    setMuted(false)
    if (!navigator.mediaDevices || !('RTCPeerConnection' in window)) return fail('unsupported')
    setState('asking')
    let microphone: MediaStream
    try {
      microphone = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } })
    } catch (error) {
      return fail((error as DOMException).name)
    }
    setState('calling')
    const stop = (): void => { for (const track of microphone.getTracks()) track.stop() }
    const session = model.forCall(view.from, t('call_words'))
    const until = Date.now() + BEGUN_WITHIN
    while (!session.token && here.current && Date.now() < until) await next(model)
    if (!here.current) return stop()
    const loaded = session.token ? await import('./sip.ts').catch(() => null) : null
    if (!loaded || !session.token || !sound.current) {
      stop()
      return fail('away')
    }
    call.current = loaded.call(`${model.api.origin.replace(/^http/, 'ws')}/ws/phone`, session.token, session.id, microphone, sound.current, {
      connected: () => { setSince(Date.now()); setState('up') },
      ended: (why) => {
        call.current = null
        if (!here.current) return
        if (why) fail(why)
        else setState('over')
      },
    })
  }
  const mute = (): void => {
    call.current?.mute(!muted)
    setMuted(!muted)
  }
  const seconds = Math.floor((Date.now() - since) / 1000)
  const length = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  const busy = state === 'asking' || state === 'calling' || state === 'up'
  return (
    <section class="calling">
      <p>{t('call_lead')}</p>
      <p role="status"><b>{fault ? t(fault) : state === 'asking' ? t('call_asking') : state === 'calling' ? t('call_calling') : state === 'up' ? t('call_up') : state === 'over' ? t('call_over') : ''}</b></p>
      {state === 'up' && <p aria-hidden="true">{length}</p>}
      {!busy && <button class="btn main" onClick={() => void begin()}>{t(state === 'over' ? 'call_again' : 'call_do')}</button>}
      {state === 'up' && <button class="btn" aria-pressed={muted} onClick={mute}>{t('call_mute')}</button>}
      {(state === 'calling' || state === 'up') && <button class="btn" onClick={() => (call.current ? call.current.hangUp() : setState('over'))}>{t('call_end')}</button>}
      {!busy && <p>{t('call_microphone')}</p>}
      <audio ref={sound} autoplay />
    </section>
  )
}
