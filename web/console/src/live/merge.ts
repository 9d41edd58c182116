/** Pure merging of socket frames into what the query cache holds. Nothing here knows the network or Vue. */

import type { Attachment, Counters, Entry, Offer, Row } from '@shared/protocol'

export interface Inbox {
  rows: Record<string, Row>
  counters: Counters
  offers: Offer[]
  /** when the last frame was merged, ms: the age of what is shown while the line is down */
  at: number
}

/** An entry known only by its ack: shown as sent, replaced by the server's own words when they arrive. */
export type Shown = Entry & { provisional?: true }

export interface Timeline {
  /** ascending by seq, each seq once */
  entries: Shown[]
  /** true when nothing is older than `entries[0]` */
  first: boolean
  /** everything up to here has been applied: what a reconnect names as `since` */
  applied: number
}

export const emptyCounters: Counters = { mine: 0, mine_waiting: 0, queued: 0, emergency: 0, by_queue: {} }

export function snapshot(rows: Row[], counters: Counters, offers: Offer[], at: number): Inbox {
  return { rows: Object.fromEntries(rows.map((row) => [row.id, row])), counters, offers, at }
}

export const isNewer = (held: Row | undefined, row: Row): boolean => !held || row.version >= held.version

/** The newer picture; read positions only ever grow (the server stores them up to half a second late). */
export function newest(held: Row | undefined, row: Row): Row {
  if (!held) return row
  if (!isNewer(held, row)) return held
  return mergeRead(mergeRead(row, 'agent', held.agent_read), 'customer', held.customer_read)
}

/** Puts a row in; an older picture than the one held changes nothing. */
export function mergeRow(inbox: Inbox, row: Row, at: number): Inbox {
  if (!isNewer(inbox.rows[row.id], row)) return inbox
  const offers = inbox.offers.map((offer) => (offer.conversation.id === row.id ? { ...offer, conversation: row } : offer))
  return { ...inbox, rows: { ...inbox.rows, [row.id]: newest(inbox.rows[row.id], row) }, offers, at }
}

export function mergeGone(inbox: Inbox, conversation: string, at: number): Inbox {
  const rows = { ...inbox.rows }
  delete rows[conversation]
  return { ...inbox, rows, at }
}

export function mergeOffer(inbox: Inbox, offer: Offer, at: number): Inbox {
  return { ...inbox, offers: [...inbox.offers.filter((held) => held.id !== offer.id), offer], at }
}

export function mergeOfferEnd(inbox: Inbox, offer: string, at: number): Inbox {
  return { ...inbox, offers: inbox.offers.filter((held) => held.id !== offer), at }
}

/** How far somebody has read only ever grows. */
export function mergeRead(row: Row, by: 'agent' | 'customer', seq: number): Row {
  const field = by === 'agent' ? 'agent_read' : 'customer_read'
  return row[field] >= seq ? row : { ...row, [field]: seq }
}

function insert(entries: Shown[], entry: Shown): Shown[] {
  const last = entries.at(-1)
  if (!last || last.seq < entry.seq) return [...entries, entry]
  const place = entries.findIndex((held) => held.seq >= entry.seq)
  const held = entries[place]
  if (held?.seq === entry.seq) {
    if (!held.provisional) return entries
    return entries.toSpliced(place, 1, entry)
  }
  return entries.toSpliced(place, 0, entry)
}

/** Applies a live entry exactly once. */
export function mergeEntry(timeline: Timeline, entry: Entry): Timeline {
  if (entry.seq <= timeline.applied) return timeline
  return { ...timeline, entries: insert(timeline.entries, entry), applied: entry.seq }
}

/** Applies what our own ack says; `applied` stays, so that the entry itself is still taken when it comes. */
export function mergeAcked(timeline: Timeline, entry: Shown): Timeline {
  if (entry.seq <= timeline.applied) return timeline
  return { ...timeline, entries: insert(timeline.entries, { ...entry, provisional: true }) }
}

/** Puts a page of older entries in front (or the first page into an empty timeline). */
export function mergeOlder(timeline: Timeline | undefined, older: Entry[], first: boolean): Timeline {
  const held = timeline ?? { entries: [], first: false, applied: 0 }
  let entries = held.entries
  for (const entry of older) entries = insert(entries, entry)
  const applied = Math.max(held.applied, timeline ? 0 : (older.at(-1)?.seq ?? 0))
  return hideRedacted({ entries, first: held.first || first, applied })
}

/** What came of a picture that an entry carries. */
export function mergeFile(timeline: Timeline, seq: number | null, file: Attachment): Timeline {
  const place = timeline.entries.findIndex((entry) => entry.seq === seq && entry.att?.some((held) => held.id === file.id))
  const entry = timeline.entries[place]
  if (!entry) return timeline
  const att = entry.att?.map((held) => (held.id === file.id ? file : held)) ?? []
  return { ...timeline, entries: timeline.entries.toSpliced(place, 1, { ...entry, att }) }
}

/** Stands for words that turned out to be a secret after they were shown. */
export const HIDDEN = '[⛔ recovery_phrase]'

/** What a line of the timeline says was a secret loses its words, wherever it stands; what the server redacted itself stays. */
export function hideRedacted(timeline: Timeline): Timeline {
  const red = new Map<number, NonNullable<Shown['red']>>()
  for (const { ev, red: found } of timeline.entries) {
    const seqs = ev?.type === 'redacted' ? ev['seqs'] : undefined
    if (Array.isArray(seqs)) for (const seq of seqs) red.set(seq as number, found ?? [])
  }
  const late = ({ seq, red: known, kind }: Shown) => kind !== 'system' && red.has(seq) && !known?.length
  if (!timeline.entries.some(late)) return timeline
  return { ...timeline, entries: timeline.entries.map((entry) => (late(entry) ? { ...entry, b: HIDDEN, red: red.get(entry.seq) ?? [] } : entry)) }
}
