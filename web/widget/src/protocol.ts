/** Shapes of the widget protocol: socket frames and REST bodies. Times are ISO 8601 in UTC. */

export type Category = 'open' | 'waiting' | 'resolved'

export interface Attachment {
  id: string
  name: string
  type: string
  /** bytes */
  size: number
  /** pixels; only pictures have them */
  width: number | null
  height: number | null
  /** null while it may not be seen: an agent's picture that is being checked, and a destroyed one */
  url: string | null
  state: 'reading' | 'clear' | 'unread' | 'secret'
}

/** What happened, for a system entry. Each side words it in its own language. */
export interface EntryEvent {
  type: string
  name?: string
  language?: string
  /** of `redacted`: the entries that held a secret, all of which lose their words */
  seqs?: number[]
  [more: string]: unknown
}

export type SecretKind = 'recovery_phrase' | 'private_key' | 'one_time_code' | 'password' | 'card_number'

export interface Redaction {
  kind: SecretKind
  /** words, for a phrase */
  count: number
  /** ambiguous: it may be harmless */
  certainty?: 'certain' | 'high' | 'ambiguous'
}

export interface Entry {
  seq: number
  kind: 'public' | 'note' | 'system'
  from: 'customer' | 'agent' | 'system'
  by: { id: string | null; name: string } | null
  b: string
  at: string
  k: string | null
  lang: string | null
  att: Attachment[]
  ev: EntryEvent | null
  red?: Redaction[]
  /** how it came, if not by chat (email) or not at once (scheduled) */
  via?: string | null
}

export interface ConversationState {
  id: string
  reference: string
  category: Category
  emergency: boolean
  language: string
  episode: number
  agent: { name: string } | null
  promise: { due: string } | null
  answered_at: string | null
  read: { agent: number; customer: number }
  can_rate: { episode: number } | null
  seq: number
  position: number | null
  /** by when we write again while the technical team has it; an older server says nothing of it */
  update?: { due: string } | null
}

/** Which text says by when we write again, if we have promised that; in the middle of a matter only. */
export function updateText({ update, category }: Pick<ConversationState, 'update' | 'category'>, now = Date.now()): { key: 'update' | 'update_late'; due: string } | null {
  if (!update || category === 'resolved') return null
  return { key: new Date(update.due).getTime() < now ? 'update_late' : 'update', due: update.due }
}

export interface Problem {
  id: string
  title?: string
  status: number
  detail?: string
  params?: Record<string, unknown>
}

/** Worth repeating unchanged: nothing came back, or the server said "later". */
export function passing({ status }: Problem): boolean {
  return status === 0 || status === 429 || (status >= 500 && status <= 504)
}

export type ClientFrame =
  | { t: 'hello'; token: string; since: number; lang: string }
  | { t: 'send'; k: string; b: string; att: string[] }
  | { t: 'typing'; on: boolean }
  | { t: 'read'; seq: number }
  | { t: 'ping' }

export type ServerFrame =
  | { t: 'ready'; conv: ConversationState; seq: number }
  | { t: 'msg'; e: Entry }
  | { t: 'att'; seq: number | null; att: Attachment }
  | { t: 'live' }
  | { t: 'ack'; k: string; seq: number; at: string }
  | { t: 'nack'; k: string; problem: Problem }
  | { t: 'typing'; name: string; on: boolean }
  | { t: 'read'; by: 'agent' | 'customer'; seq: number }
  | { t: 'state'; conv: ConversationState }
  | { t: 'pong' }
  | { t: 'problems' }
  | { t: 'error'; problem: Problem }

/** Why the server closed the socket. */
export const Close = {
  malformed: 4400,
  tokenInvalid: 4401,
  forbidden: 4403,
  tooSlow: 4408,
  replaced: 4409,
  tooLarge: 4413,
  tooMany: 4429,
  restarting: 1012,
} as const

export interface ConversationSummary {
  token: string
  state: ConversationState
  preview: string
  last_at: string
  unread: number
}

export interface StartAnswer {
  inbox: { name: string; languages: string[] }
  customer: { name: string; proven: boolean } | null
  promise: { due: string } | null
  open: boolean
  conversations: ConversationSummary[]
}

/** What is known to be out of order, in our language or in English. */
export interface KnownProblem {
  id: string
  title: string
  text: string
  language: string
  severity: 'minor' | 'major' | 'outage'
  changed_at: string
}

export interface About {
  page: string
  app_version: string
  platform: string
  zone: string
}

export interface CreateBody {
  k: string
  b: string
  language: string
  emergency: boolean
  topic: string | null
  about: About
}

export interface CreateAnswer {
  token: string
  state: ConversationState
  entry: Entry
}

export type Solved = 'yes' | 'partly' | 'no'

/** The server refuses longer messages; counted in code points. */
export const MESSAGE_LIMIT = 8000

/** What is shown for words that were hidden after they were shown. */
export const MARKER = '[⛔ recovery_phrase]'

/** What stands in a stored text where a secret was. */
export const REDACTED = /\[⛔ [a-z_]+\??(?:·\d{1,3})?\]/

/** A frame of the server, or null if it cannot be read; unknown types pass and are ignored by the reader. */
export function readFrame(data: unknown): ServerFrame | null {
  if (typeof data !== 'string') return null
  try {
    const frame: unknown = JSON.parse(data)
    return typeof frame === 'object' && frame !== null && 't' in frame ? (frame as ServerFrame) : null
  } catch {
    return null
  }
}
