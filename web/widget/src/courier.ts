import { ApiError, type Api } from './api.ts'
import { withIdentity, type Identity } from './identity.ts'
import { newKey } from './ids.ts'
import type { Outbox, OutgoingCreate } from './outbox.ts'
import { passing, type About } from './protocol.ts'
import type { Session } from './session.ts'
import type { TokenBook } from './storage.ts'

const RETRY_FIRST = 1_000
const RETRY_MOST = 30_000

export interface CourierHost {
  readonly identity: Identity
  changed: () => void
  find: (conversation: string) => Session | null
  /** the session of a thread, made if this page does not have it */
  held: (thread: string) => Session
  startEmergency: () => void
}

/** Brings what goes by REST, a new conversation or an emergency, from the outbox to the server, as often as it takes. */
export class Courier {
  private retryWait = RETRY_FIRST
  private retryTimer: ReturnType<typeof setTimeout> | undefined
  private working = false
  private stopped = false

  constructor(
    private readonly api: Api,
    private readonly outbox: Outbox,
    private readonly tokens: TokenBook,
    private readonly host: CourierHost,
  ) {}

  stop(): void {
    this.stopped = true
    clearTimeout(this.retryTimer)
  }

  /** The network is back. */
  hurry(): void {
    this.retryWait = RETRY_FIRST
    void this.work()
  }

  /** REST items of the outbox (create, raise), oldest first, with back-off while the server cannot be reached. */
  async work(): Promise<void> {
    if (this.working) return
    this.working = true
    clearTimeout(this.retryTimer)
    let again = false
    try {
      const now = Date.now()
      for (const { k } of this.outbox.all()) {
        const item = this.outbox.get(k) // as it is now: a create before it may have given it its conversation
        if (!item || item.failed || item.kind === 'message') continue
        if (!this.outbox.mayAct(item, now)) {
          again = true
          continue
        }
        try {
          if (item.kind === 'create') await this.sendCreate(item)
          else await this.sendRaise(item.k, item.thread)
          this.retryWait = RETRY_FIRST
        } catch (error) {
          if (!(error instanceof ApiError) || passing(error.problem)) again = true
          else if (item.kind === 'raise') this.anew(item.k)
          else if (error.problem.id === 'key_used') again = this.rekey(item)
          else this.outbox.fail(item.k, error.problem)
        }
        this.host.changed()
      }
    } finally {
      this.working = false
    }
    if (again && !this.stopped) {
      this.retryTimer = setTimeout(() => void this.work(), this.retryWait * (0.75 + Math.random() / 2))
      this.retryWait = Math.min(RETRY_MOST, this.retryWait * 2)
    } else if (this.outbox.all().some((item) => item.kind !== 'message' && !item.failed)) {
      void this.work() // written while we were busy
    }
  }

  private async sendCreate(item: OutgoingCreate): Promise<void> {
    const body = {
      k: item.k, b: item.b, language: item.language, emergency: item.emergency, topic: null, about: item.about,
    }
    const made = await withIdentity(this.host.identity, (identity) => this.api.create(identity, [...this.tokens.all().values()], body))
    this.tokens.put(made.state.id, made.token)
    this.outbox.rebind(item.thread, made.state.id)
    this.outbox.remove(item.k)
    this.host.held(item.thread).created(made.token, made.state, made.entry)
  }

  private async sendRaise(k: string, thread: string): Promise<void> {
    const token = this.tokens.get(thread)
    if (!token) {
      if (!this.outbox.all(thread).some((item) => item.kind === 'create')) this.anew(k)
      else throw new ApiError({ id: 'offline', status: 0 }) // its create is still on the way
      return
    }
    const { state } = await this.api.emergency(token, k)
    this.outbox.remove(k)
    this.host.find(thread)?.take(state)
  }

  /**
   * It had arrived, its answer got lost, and the server gives the token of an old key to nobody. A second conversation
   * with the same words is better than one that the customer can never read.
   */
  private rekey(item: OutgoingCreate): true {
    this.outbox.remove(item.k)
    this.outbox.put({ ...item, k: newKey() })
    return true
  }

  /** The conversation cannot be raised any more: an emergency must not end there, so it opens its own. */
  private anew(k: string): void {
    this.outbox.remove(k)
    this.host.startEmergency()
  }

  /** The token is dead. Words not yet sent become a new conversation, but only if the customer says so: it may be another one now. */
  bury(id: string, language: string, about: About): void {
    this.tokens.drop(id)
    const thread = newKey()
    const [first, ...rest] = this.outbox.all(id).filter((item) => item.kind === 'message')
    if (!first) return
    this.outbox.put({
      kind: 'create', k: thread, thread, tab: first.tab, at: first.at,
      b: first.b || first.att.map((file) => file.name).join('\n'), // its files belong to the lost conversation
      language, emergency: false, about, failed: { id: 'token_expired', status: 401 },
    })
    this.outbox.remove(first.k)
    for (const item of rest) this.outbox.put({ ...item, thread, att: [] })
  }
}
