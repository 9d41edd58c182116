import { MARKER, type Attachment, type Entry, type Redaction } from './protocol.ts'
import type { Outgoing, OutgoingCreate, OutgoingMessage } from './outbox.ts'

/** An own message that the server has not echoed yet. */
export interface Local {
  k: string
  b: string
  att: Attachment[]
  at: string
  status: 'sending' | 'delivered' | 'failed'
  item: OutgoingMessage | OutgoingCreate
  /** known after the ack */
  seq: number | null
}

export type TimelineRow = { entry: Entry; local: null } | { entry: null; local: Local }

/** One conversation's entries: ordered by seq, each applied exactly once. */
export class Timeline {
  /** the last seq applied; named when resuming */
  have = 0
  private readonly entries: Entry[] = []
  /** acknowledged, echo not yet here: an ack does not move `have`, because only the echo says what was redacted */
  private readonly acked = new Map<string, Local>()

  /** True when the entry was new. `moves`: false for an entry that came ahead of those before it. */
  apply(entry: Entry, moves = true): boolean {
    if (entry.kind === 'note') return false
    const awaited = entry.k !== null && this.acked.has(entry.k)
    if (entry.seq <= this.have && !awaited) return false
    if (this.entries.some((held) => held.seq === entry.seq)) return false
    let place = this.entries.length
    while (place > 0 && (this.entries[place - 1]?.seq ?? 0) > entry.seq) place--
    this.entries.splice(place, 0, entry)
    if (moves) this.have = Math.max(this.have, entry.seq)
    if (entry.k !== null) this.acked.delete(entry.k)
    return true
  }

  /** Words that turned out to be a secret go, wherever they are held. What the server redacted itself stays as it is. */
  hide(seqs: readonly number[], red: Redaction[]): void {
    for (const entry of this.entries) {
      if (seqs.includes(entry.seq) && !entry.red?.length) Object.assign(entry, { b: MARKER, red })
    }
    for (const local of this.acked.values()) {
      if (local.seq !== null && seqs.includes(local.seq)) {
        local.b = MARKER
        local.item = { ...local.item, b: MARKER }
      }
    }
  }

  ack(item: OutgoingMessage, seq: number, at: string): void {
    if (this.entries.some((held) => held.seq === seq)) return
    this.acked.set(item.k, { k: item.k, b: item.b, att: item.att, at, status: 'delivered', item, seq })
  }

  /** What came of a picture: the entry that carries it shows its new state. */
  file(file: Attachment): void {
    for (const held of [...this.entries, ...this.acked.values()]) held.att = held.att.map((one) => (one.id === file.id ? file : one))
  }

  last(): Entry | null {
    return this.entries.at(-1) ?? null
  }

  /** Agent's entries after `read`. */
  unread(read: number): number {
    return this.entries.filter((entry) => said(entry) && entry.seq > read).length
  }

  /** What is shown: the server's entries, with own unconfirmed words where they will stand. */
  rows(unsent: readonly Outgoing[]): TimelineRow[] {
    const rows: TimelineRow[] = this.entries.map((entry) => ({ entry, local: null }))
    const known = new Set(this.entries.map((entry) => entry.k))
    for (const local of this.acked.values()) {
      let place = rows.length
      while (place > 0 && (rows[place - 1]?.entry?.seq ?? Infinity) > (local.seq ?? Infinity)) place--
      rows.splice(place, 0, { entry: null, local })
      known.add(local.k)
    }
    for (const item of unsent) {
      if (item.kind === 'raise' || known.has(item.k)) continue
      const local: Local = {
        k: item.k,
        b: item.b,
        att: item.kind === 'message' ? item.att : [],
        at: new Date(item.at).toISOString(),
        status: item.failed ? 'failed' : 'sending',
        item,
        seq: null,
      }
      rows.push({ entry: null, local })
    }
    return rows
  }
}

/** An agent's words; a system line may also come "from" an agent. */
export function said(entry: Entry): boolean {
  return entry.kind === 'public' && entry.from === 'agent'
}
