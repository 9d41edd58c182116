/** The console's socket frames and the shapes they share with REST. Times are ISO 8601 in UTC; see docs/protocol.md. */

import type { components } from './api/schema'

type Schemas = components['schemas']

export type Outcome = 'accepted' | 'declined' | 'expired' | 'withdrawn'
/** A reason of a decision: worded by the client from its id. */
export type Reason = Schemas['Reason']
export type Attachment = Schemas['AttachmentView']
export type Me = Schemas['Me']

export interface Person {
  id: string
  name: string
}

/**
 * A timeline entry. `kind` is public, note or system; `from` is customer, agent or system; a system entry says in
 * `ev` what happened, and each side words it in its own language; `k` is the sender's own key of a message.
 */
export type Entry = Schemas['Entry'] & { lang?: string | null }

/** A conversation as lists show it. One with a lower `version` than the one held is older and must be ignored. */
export type Row = Schemas['Row']

export interface Counters {
  mine: number
  mine_waiting: number
  queued: number
  emergency: number
  by_queue: Record<string, number>
}

export interface Offer {
  id: string
  conversation: Row
  offered_at: string
  expires_at: string
  why: Reason[]
}

export interface Presence {
  state: 'online' | 'away' | 'offline'
  chosen: 'online' | 'away'
  since: string
  load: Record<string, number>
  capacity: Record<string, number>
}

/** RFC 9457. */
export interface Problem {
  type?: string
  id: string
  title?: string
  status: number
  detail?: string
  params?: Record<string, unknown>
  request?: string
}

export interface Looker {
  id: string
  name: string
  writing: boolean
}

/** The wall board: numbers and languages alone. Instants are when the longest of a language began to wait. */
export interface Board {
  zone: string
  queue: Schemas['WaitingView'][]
  call_backs: number
  agents: { ready: number; ringing: number; talking: number; wrap_up: number; occupancy: number | null }
  today: { offered: number; answered: number; abandoned: number; service_level: number | null; wait_p90: number | null }
  at_risk: number
  late: number
}

export type ClientFrame =
  | { t: 'hello' }
  | { t: 'open'; c: string; since: number }
  | { t: 'shut'; c: string }
  | { t: 'send'; c: string; k: string; b: string; kind: 'public' | 'note'; att: string[] }
  | { t: 'typing'; c: string; on: boolean }
  | { t: 'read'; c: string; seq: number }
  | { t: 'watch'; on: boolean; zone?: string }
  | { t: 'ping' }

export type ServerFrame =
  | { t: 'ready'; me: Me }
  | { t: 'inbox'; rows: Row[]; counters: Counters; offers: Offer[] }
  | { t: 'row'; row: Row }
  | { t: 'gone'; c: string }
  | { t: 'reopen'; c: string }
  | { t: 'phone' }
  | { t: 'board'; board: Board }
  | { t: 'grant_end'; id: string; c: string; field: string }
  | { t: 'counters'; counters: Counters }
  | { t: 'opened'; c: string; seq: number; row?: Row }
  | { t: 'msg'; c: string; e: Entry }
  | { t: 'att'; c: string; seq: number | null; att: Attachment }
  | { t: 'live'; c: string }
  | { t: 'ack'; c?: string; k: string; seq: number; at: string }
  | { t: 'nack'; c?: string; k: string; problem: Problem }
  | { t: 'typing'; c: string; who: Person & { role: 'customer' | 'agent' }; on: boolean }
  | { t: 'read'; c: string; by: 'agent' | 'customer'; seq: number }
  | { t: 'looking'; c: string; agents: Looker[] }
  | { t: 'here'; c: string }
  | { t: 'offer'; offer: Offer }
  | { t: 'offer_end'; id: string; outcome: Outcome }
  | { t: 'phone' }
  | { t: 'presence'; presence: Presence }
  | { t: 'error'; problem: Problem }
  | { t: 'pong' }
