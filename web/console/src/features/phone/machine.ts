/** What the phone of this tab is doing, and what the phone bar shows of it. No browser and no SIP in here. */

import type { components } from '@shared/api/schema'

type Schemas = components['schemas']
export type Phone = Schemas['PhoneView']
export type Call = Schemas['CallView']
export type Leg = Schemas['LegView']

/** Why there is no phone here. `wanted` begins again by itself, the others by a click. */
export type Trouble = 'insecure' | 'unsupported' | 'denied' | 'no_microphone' | 'microphone_busy' | 'no_engine' | 'refused' | 'unreachable' | 'elsewhere'
export type Line =
  | { state: 'off' }
  | { state: 'asking' }
  | { state: 'connecting'; device: string | null }
  | { state: 'ready'; device: string }
  | { state: 'broken'; why: Trouble }

/** The SIP session of this tab. `call`: whose, as the engine says. */
export type Session = { state: 'none' } | { state: 'ringing' | 'answering' | 'up'; call: string }

export interface Tab {
  line: Line
  session: Session
  /** a call that was answered here and whose session has not come yet */
  wanted: string | null
  muted: boolean
}
export const NOTHING: Tab = { line: { state: 'off' }, session: { state: 'none' }, wanted: null, muted: false }

export type Happening =
  | { t: 'turn_on' }
  | { t: 'turn_off' }
  | { t: 'allowed' }
  | { t: 'device'; name: string }
  | { t: 'registered' }
  | { t: 'lost' }
  | { t: 'trouble'; why: Trouble }
  | { t: 'want'; call: string }
  | { t: 'refused' }
  | { t: 'invited'; call: string }
  | { t: 'answer' }
  | { t: 'confirmed' }
  | { t: 'ended' }
  | { t: 'mute'; on: boolean }

const noSession: Session = { state: 'none' }

/** The next state. What makes no sense in a state changes nothing. */
export function step(tab: Tab, event: Happening): Tab {
  const { line, session } = tab
  switch (event.t) {
    case 'turn_on':
      return line.state === 'off' || line.state === 'broken' ? { ...NOTHING, line: { state: 'asking' } } : tab
    case 'turn_off':
      return NOTHING
    case 'allowed':
      return line.state === 'asking' ? { ...tab, line: { state: 'connecting', device: null } } : tab
    case 'device':
      return line.state === 'connecting' ? { ...tab, line: { state: 'connecting', device: event.name } } : tab
    case 'registered':
      return line.state === 'connecting' && line.device ? { ...tab, line: { state: 'ready', device: line.device } } : tab
    case 'lost':
      // A talk goes on without its signalling; what only rang is gone with it.
      return line.state === 'ready' ? { ...tab, line: { state: 'connecting', device: line.device }, session: session.state === 'up' ? session : noSession } : tab
    case 'trouble':
      return line.state === 'off' ? tab : { ...NOTHING, line: { state: 'broken', why: event.why } }
    case 'want':
      return line.state === 'ready' && session.state === 'none' ? { ...tab, wanted: event.call } : tab
    case 'refused':
      return { ...tab, wanted: null }
    case 'invited':
      // One at a time: whoever rings meanwhile hears that this tab is busy.
      return session.state === 'none' ? { ...tab, session: { state: 'ringing', call: event.call } } : tab
    case 'answer':
      return session.state === 'ringing' ? { ...tab, session: { state: 'answering', call: session.call }, wanted: null } : tab
    case 'confirmed':
      return session.state === 'answering' ? { ...tab, session: { state: 'up', call: session.call }, muted: false } : tab
    case 'ended':
      return { ...tab, session: noSession, muted: false, wanted: session.state === 'none' ? tab.wanted : null }
    case 'mute':
      return session.state === 'up' ? { ...tab, muted: event.on } : tab
  }
}

/** Whether a session that has just come is answered at once: it was asked for here. */
export const answersItself = (tab: Tab, call: string): boolean => tab.session.state === 'none' && tab.wanted === call

/** What a refusal of the microphone means. */
export function troubleOf(name: string): Trouble {
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'no_microphone'
  return 'microphone_busy'
}

export type Bar =
  | { show: 'off' | 'asking' | 'connecting' | 'ready' }
  | { show: 'broken'; why: Trouble }
  /** `here`: this tab's phone can take it */
  | { show: 'ringing'; call: Call; role: string; here: boolean }
  /** answered, and not connected yet */
  | { show: 'joining'; call: Call }
  /** `here`: by this tab's phone, and not by another of the agent's */
  | { show: 'talking'; call: Call; leg: Leg; here: boolean; consult: Leg | null }
  | { show: 'wrap'; call: Call; until: number }

/** What the bar shows. A talk goes before a ring, an emergency before what rings else. */
export function bar(tab: Tab, phone: Phone | undefined, me: string, now: number): Bar {
  const calls = phone?.calls ?? []
  const mine = (call: Call) => call.legs.filter((leg) => leg.agent.id === me)
  for (const call of calls) {
    const leg = mine(call).find((one) => one.state === 'up')
    if (leg) return { show: 'talking', call, leg, here: tab.session.state === 'up' && tab.session.call === call.id, consult: leg.role === 'agent' ? (call.legs.find((one) => one.role === 'consult') ?? null) : null }
  }
  const joined = tab.session.state === 'answering' || tab.session.state === 'up' ? tab.session.call : tab.wanted
  const joining = calls.find((call) => call.id === joined)
  if (joining) return { show: 'joining', call: joining }
  const ringing = calls.filter(rings(me)).sort((a, b) => Number(b.emergency) - Number(a.emergency) || a.started_at.localeCompare(b.started_at))
  const first = ringing[0]
  if (first) return { show: 'ringing', call: first, role: mine(first)[0]?.role ?? 'agent', here: tab.line.state === 'ready' }
  for (const call of calls) {
    const until = call.wrap_until ? Date.parse(call.wrap_until) : 0
    if (until > now) return { show: 'wrap', call, until }
  }
  if (tab.line.state === 'broken') return { show: 'broken', why: tab.line.why }
  return { show: tab.line.state }
}

/** Offered at the console (it waits), or ringing at a device of theirs. */
const rings = (me: string) => (call: Call): boolean =>
  call.stage === 'waiting' || call.legs.some((leg) => leg.agent.id === me && leg.state === 'ringing')

/** What may be done in a talk: by whoever leads it, unless it is one's own sound. */
export function may(leg: Leg, call: Call, consult: Leg | null) {
  const leads = leg.role === 'agent' && call.stage === 'talking'
  return {
    hold: leads && !consult,
    keys: leads && !call.held,
    pass: leads && !consult,
    askCode: leads && !consult && (call.keypad || call.asks),
    conference: leads && consult?.state === 'up' && call.held,
    handOver: leads && consult?.state === 'up',
    endConsult: leads && consult !== null,
  }
}
