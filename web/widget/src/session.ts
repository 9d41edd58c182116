import { ApiError, type Api, type Upload } from './api.ts'
import { Connection, type Status } from './connection.ts'
import type { Guard } from './guard/index.tsx'
import { newKey } from './ids.ts'
import { Pump, type Outbox, type Outgoing } from './outbox.ts'
import type { Attachment, ConversationState, Entry, Problem, Redaction, ServerFrame } from './protocol.ts'
import { said, Timeline, type TimelineRow } from './store.ts'

const TYPING_SHOWN = 6_000
const TYPING_AGAIN = 3_000

/** A file in the composer. Without a token it waits for the conversation. */
export interface DraftFile {
  key: string
  file: File
  /** 0…1; null while it waits */
  progress: number | null
  done: Attachment | null
  problem: Problem | null
  preview: string | null
}

export interface SessionHost {
  api: Api
  outbox: Outbox
  guard: Guard | null
  language: () => string
  changed: () => void
  exposed: (found: Redaction[]) => void
  renewToken: (conversation: string) => Promise<string | null>
  look: (now?: boolean) => void
}

/** One conversation on this page: its entries, its unsent words, its socket and its draft. */
export class Session {
  readonly timeline = new Timeline()
  status: Status = 'idle'
  typing: string | null = null
  draft = ''
  /** how often something was hidden: the composer begins anew, because a browser can undo what was typed */
  erased = 0
  files: DraftFile[] = []
  /** the promise shown while waiting, so that the answered bar can name it after it is gone from the state */
  promised: string | null = null
  private readonly pump: Pump
  private readonly uploads = new Map<string, Upload>()
  private connection: Connection | null = null
  private typingEnd: ReturnType<typeof setTimeout> | undefined
  private typingSent = 0
  private readSent = 0

  constructor(
    /** conversation id, or the key of its `create` until the server has it */
    public id: string,
    public token: string | null,
    public state: ConversationState | null,
    private readonly host: SessionHost,
  ) {
    this.pump = new Pump(host.outbox, () => this.id, (item) => this.connection?.send({
      t: 'send', k: item.k, b: item.b, att: item.att.map((file) => file.id),
    }) ?? false)
    if (state) this.take(state)
  }

  /** The conversation exists now. */
  created(token: string, state: ConversationState, entry: Entry): void {
    this.id = state.id
    this.token = token
    this.take(state)
    // the socket tells everything from the beginning, also the line that stands before it
    if (this.timeline.apply(entry, false) && entry.red?.length) this.host.exposed(entry.red)
    this.connect()
    for (const file of this.files) if (!file.done) this.upload(file)
  }

  connect(): void {
    if (!this.token || this.connection) {
      this.connection?.hurry()
      return
    }
    this.connection = new Connection({
      url: this.host.api.socketUrl,
      hello: () => ({ t: 'hello', token: this.token ?? '', since: this.timeline.have, lang: this.host.language() }),
      onFrame: (frame) => this.hear(frame),
      onStatus: (status) => {
        this.status = status
        if (status !== 'live') {
          this.setTyping(null)
          this.readSent = 0
        }
        this.pump.reset(status === 'live')
        this.host.changed()
      },
      renew: async () => {
        const token = await this.host.renewToken(this.id)
        if (!token) return false
        this.token = token
        return true
      },
    })
    this.connection.start()
  }

  stop(): void {
    clearTimeout(this.typingEnd)
    this.connection?.stop()
    this.connection = null
    for (const upload of this.uploads.values()) upload.cancel()
    for (const file of this.files) if (file.preview) URL.revokeObjectURL(file.preview)
  }

  rows(): TimelineRow[] {
    return this.timeline.rows(this.unsent())
  }

  unsent(): Outgoing[] {
    return this.host.outbox.all(this.id)
  }

  /** New or changed items in the outbox, perhaps from another tab. */
  flush(): void {
    this.pump.run()
  }

  say(text: string, att: Attachment[] = []): void {
    this.host.outbox.put({
      kind: 'message', k: newKey(), thread: this.id, tab: this.host.outbox.tab, at: Date.now(), b: text, att,
    })
    this.type(false)
    this.pump.run()
    this.host.changed()
  }

  /** Tell the agent that the customer writes; repeated at most every 3 s. */
  type(on: boolean): void {
    const now = Date.now()
    if (on ? now - this.typingSent < TYPING_AGAIN : this.typingSent === 0) return
    if (this.connection?.send({ t: 'typing', on })) this.typingSent = on ? now : 0
  }

  /** Everything applied was seen. */
  markRead(): void {
    const seq = this.timeline.have
    if (!this.state || seq <= this.state.read.customer || seq <= this.readSent) return
    if (!this.connection?.send({ t: 'read', seq })) return
    this.readSent = seq
    this.state = { ...this.state, read: { ...this.state.read, customer: seq } }
    this.host.changed()
  }

  unread(): number {
    return this.timeline.unread(this.state?.read.customer ?? 0)
  }

  take(state: ConversationState): void {
    if (state.category === 'open' && state.promise) this.promised = state.promise.due
    // read positions only ever grow: the server stores them up to half a second late
    const held = this.state?.id === state.id ? this.state.read : state.read
    const read = { agent: Math.max(held.agent, state.read.agent), customer: Math.max(held.customer, state.read.customer) }
    this.state = { ...state, read }
  }

  /** `looked`: the guard knows them already. */
  addFiles(files: Iterable<File>, looked = false): void {
    if (!looked && this.host.guard) return this.host.guard.takes(this, [...files])
    for (const file of files) {
      const draft: DraftFile = {
        key: newKey(), file, progress: null, done: null, problem: null,
        preview: file.type.startsWith('image/') ? URL.createObjectURL(file) : null,
      }
      this.files = [...this.files, draft]
      if (this.token) this.upload(draft)
    }
    this.host.changed()
  }

  upload(draft: DraftFile): void {
    if (!this.token) return
    const upload = this.host.api.upload(this.token, draft.file, (part) => this.change(draft.key, { progress: part }))
    this.uploads.set(draft.key, upload)
    this.change(draft.key, { progress: 0, problem: null })
    void upload.done.then(
      (done) => this.change(draft.key, { done, progress: 1 }),
      (error: unknown) => this.change(draft.key, {
        progress: null, problem: error instanceof ApiError ? error.problem : { id: 'unavailable', status: 0 },
      }),
    )
  }

  removeFile(key: string): void {
    this.uploads.get(key)?.cancel()
    this.uploads.delete(key)
    const gone = this.files.find((file) => file.key === key)
    if (gone?.preview) URL.revokeObjectURL(gone.preview)
    this.files = this.files.filter((file) => file.key !== key)
    this.host.changed()
  }

  private change(key: string, what: Partial<DraftFile>): void {
    this.files = this.files.map((file) => (file.key === key ? { ...file, ...what } : file))
    this.host.changed()
  }

  private hear(frame: ServerFrame): void {
    switch (frame.t) {
      case 'ready':
      case 'state':
        this.take(frame.conv)
        break
      case 'msg':
        this.apply(frame.e)
        break
      case 'att':
        this.timeline.file(frame.att)
        break
      case 'ack': {
        const item = this.pump.acked(frame.k)
        if (item) this.timeline.ack(item, frame.seq, frame.at)
        break
      }
      case 'nack':
        this.pump.nacked(frame.k, frame.problem)
        break
      case 'typing':
        this.setTyping(frame.on ? frame.name : null)
        break
      case 'problems':
        this.host.look(true)
        break
      case 'read':
        if (this.state) this.state = { ...this.state, read: { ...this.state.read, [frame.by]: frame.seq } }
        break
      default:
        return
    }
    this.host.changed()
  }

  private apply(entry: Entry): void {
    if (!this.timeline.apply(entry)) return
    if (said(entry)) this.setTyping(null)
    // the server has it although its ack was lost
    const own = entry.k !== null && this.host.outbox.get(entry.k) !== null
    if (own && entry.k) this.pump.acked(entry.k)
    if (entry.ev?.type === 'redacted') {
      this.timeline.hide(entry.ev.seqs ?? [], entry.red ?? [])
      if (this.status === 'live') this.erased++
    }
    // a secret in one message is told by that message; in several, or in a file, by the line behind it
    const told = entry.kind === 'system' && entry.ev?.where === 'message'
    if (entry.red?.length && !told && (own || this.status === 'live')) this.host.exposed(entry.red)
  }

  private setTyping(name: string | null): void {
    clearTimeout(this.typingEnd)
    this.typing = name
    if (name !== null) {
      this.typingEnd = setTimeout(() => {
        this.typing = null
        this.host.changed()
      }, TYPING_SHOWN)
    }
  }
}
