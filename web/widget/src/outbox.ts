import { passing, type About, type Attachment, type Problem } from './protocol.ts'
import type { Keep } from './storage.ts'

interface Common {
  /** idempotency key and order: UUIDv7 */
  k: string
  /** conversation id, or the key of the `create` that will make the conversation */
  thread: string
  /** the tab that wrote it; another tab takes it over only after ADOPT_AFTER */
  tab: string
  /** ms since the epoch */
  at: number
  failed?: Problem
}

export interface OutgoingMessage extends Common {
  kind: 'message'
  b: string
  att: Attachment[]
}
export interface OutgoingCreate extends Common {
  kind: 'create'
  b: string
  language: string
  emergency: boolean
  about: About
}
export interface OutgoingRaise extends Common {
  kind: 'raise'
}
export type Outgoing = OutgoingMessage | OutgoingCreate | OutgoingRaise

/** A tab that still lives sends within this time; after it (ms) its unsent items are anybody's. Doubling is harmless: same k. */
export const ADOPT_AFTER = 15_000

/** Everything the customer has said and the server has not yet confirmed. One storage key per item: tabs cannot overwrite each other. */
export class Outbox {
  constructor(
    private readonly keep: Keep,
    readonly tab: string,
  ) {}

  put(item: Outgoing): void {
    this.keep.set(`out:${item.k}`, JSON.stringify(item))
  }

  get(k: string): Outgoing | null {
    const text = this.keep.get(`out:${k}`)
    if (!text) return null
    try {
      return JSON.parse(text) as Outgoing
    } catch {
      this.keep.remove(`out:${k}`)
      return null
    }
  }

  remove(k: string): void {
    this.keep.remove(`out:${k}`)
  }

  /** In the order of writing (keys are time-ordered). */
  all(thread?: string): Outgoing[] {
    const items: Outgoing[] = []
    for (const name of this.keep.names('out:')) {
      const item = this.get(name.slice(4))
      if (item && (thread === undefined || item.thread === thread)) items.push(item)
    }
    return items
  }

  fail(k: string, problem: Problem): void {
    const item = this.get(k)
    if (item) this.put({ ...item, failed: problem })
  }

  /** Back into the line, under the same key, as this tab's. */
  retry(k: string): void {
    const item = this.get(k)
    if (!item) return
    const { failed: _, ...rest } = item
    this.put({ ...rest, tab: this.tab, at: Date.now() } as Outgoing)
  }

  /** A created conversation has its id: what was written meanwhile follows. */
  rebind(from: string, to: string): void {
    for (const item of this.all(from)) this.put({ ...item, thread: to })
  }

  mayAct(item: Outgoing, now: number): boolean {
    return !item.failed && (item.tab === this.tab || now - item.at >= ADOPT_AFTER)
  }
}

/** Resend when a live socket has not acknowledged for this long (ms). */
export const ACK_WITHIN = 15_000

/** Waits (ms) after passing refusals; the last one repeats. */
export const LATER = [1_000, 3_000, 9_000, 15_000]

/** Sends one thread's messages in order, one in flight; only an ack takes an item out. */
export class Pump {
  private flying: string | null = null
  private refusals = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly outbox: Outbox,
    private readonly thread: () => string,
    private readonly send: (item: OutgoingMessage) => boolean,
  ) {}

  /** Send the next, if the line is free. Safe to call at any time. */
  run(): void {
    if (this.flying !== null) return
    const now = Date.now()
    for (const item of this.outbox.all(this.thread())) {
      if (item.kind !== 'message' || !this.outbox.mayAct(item, now)) continue
      if (this.send(item)) {
        this.flying = item.k
        this.timer = setTimeout(() => this.reset(true), ACK_WITHIN)
      }
      return
    }
  }

  /** The socket went (what flew is unknown, so it flies again) or came back. */
  reset(connected: boolean): void {
    clearTimeout(this.timer)
    this.flying = null
    if (connected) this.run()
  }

  /** The item, now durable on the server and gone from the outbox. */
  acked(k: string): OutgoingMessage | null {
    const item = this.outbox.get(k)
    this.outbox.remove(k)
    this.settled(k)
    return item?.kind === 'message' ? item : null
  }

  /** "Later" is tried again and holds the line, so that the order stays; "no" steps aside. */
  nacked(k: string, problem: Problem): void {
    if (passing(problem) && this.flying === k) {
      clearTimeout(this.timer)
      this.timer = setTimeout(() => this.reset(true), LATER[Math.min(this.refusals++, LATER.length - 1)])
      return
    }
    this.outbox.fail(k, problem)
    this.settled(k)
  }

  private settled(k: string): void {
    if (this.flying !== k) return
    this.refusals = 0
    this.reset(true)
  }
}
