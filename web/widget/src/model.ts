import { Api, ApiError } from './api.ts'
import { Courier, type CourierHost } from './courier.ts'
import type { Guard } from './guard/index.tsx'
import { chooseLanguage, english, loadWords, type Words } from './i18n.ts'
import { withIdentity, type Identity } from './identity.ts'
import { newKey } from './ids.ts'
import { Outbox, type OutgoingCreate } from './outbox.ts'
import type { About, ConversationSummary, KnownProblem, Problem, Redaction, Solved, StartAnswer } from './protocol.ts'
import { Session, type SessionHost } from './session.ts'
import { area, Keep, TokenBook } from './storage.ts'

export type View = { name: 'home' } | { name: 'chat'; session: Session } | { name: 'emergency'; from: Session | null } | More
/** A page of the part that is loaded on demand. `from` is the conversation it was opened in. */
export interface More {
  name: 'more'
  topic: string
  from: Session | null
}
export interface Actions {
  newWallet?: () => void
  disconnectAll?: () => void
}
export interface Row {
  id: string
  session: Session | null
  summary: ConversationSummary | null
  unread: number
}
export interface Settings {
  server: string
  inbox: string
  language: string | null
  appVersion: string | null
}
export interface ModelEvents {
  unread: (count: number) => void
  exposure: (found: Redaction[]) => void
}

/** the server takes no longer texts about the app */
const ABOUT_LIMIT = 200
/** the promised time on the home page is asked again after this (ms) */
const START_STALE = 60_000

/** What the widget knows and does; the views only draw it. */
export class Model implements SessionHost, CourierHost {
  readonly api: Api
  readonly outbox: Outbox
  view: View = { name: 'home' }
  words: Words
  start: StartAnswer | null = null
  startProblem: Problem | null = null
  loading = false
  online = navigator.onLine
  identity: Identity = null
  actions: Actions = {}
  /** looks at what is to be sent, once the customer has begun to write; null before its chunk is here */
  guard: Guard | null = null
  /** known to be out of order, without those that the customer has put away */
  problems: KnownProblem[] = []
  /** there is a phone to be called */
  calls = false
  readonly sessions = new Set<Session>()
  private readonly keep: Keep
  readonly tokens: TokenBook
  private readonly courier: Courier
  private readonly listeners = new Set<() => void>()
  private readonly cleanup = new AbortController()
  private startedAt = 0
  private lookedAt = 0
  private lastUnread = 0
  private told = false
  private starting: Promise<void> | null = null

  constructor(private readonly settings: Settings, private readonly events: ModelEvents) {
    this.api = new Api(settings.server, settings.inbox)
    this.keep = new Keep(area('localStorage'), `holdfast:${settings.server}:${settings.inbox}:`)
    this.tokens = new TokenBook(this.keep)
    // a reloaded page is the same tab and may go on sending its own items at once
    const tabs = new Keep(area('sessionStorage'), 'holdfast:')
    const tab = tabs.get('tab') ?? newKey()
    tabs.set('tab', tab)
    this.outbox = new Outbox(this.keep, tab)
    this.courier = new Courier(this.api, this.outbox, this.tokens, this)
    this.words = english(navigator.languages)
    void this.setWords(chooseLanguage([this.keep.get('lang'), settings.language, ...navigator.languages]))
    const signal = this.cleanup.signal
    addEventListener('online', () => this.setOnline(true), { signal })
    addEventListener('offline', () => this.setOnline(false), { signal })
    addEventListener('storage', (event) => this.otherTab(event), { signal })
  }

  /** Without stored conversations or unsent words there is nothing to ask before the customer opens the widget. */
  wake(): void {
    if (this.tokens.all().size > 0 || this.outbox.all().length > 0 || this.identity) void this.begin()
    void this.courier.work()
  }

  stop(): void {
    this.cleanup.abort()
    this.courier.stop()
    for (const session of this.sessions) session.stop()
    this.sessions.clear()
    this.listeners.clear()
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Draw once for all changes of one turn. */
  readonly changed = (): void => {
    if (this.told) return
    this.told = true
    queueMicrotask(() => {
      this.told = false
      for (const listener of this.listeners) listener()
      const unread = this.unread()
      if (unread !== this.lastUnread) {
        this.lastUnread = unread
        this.events.unread(unread)
      }
    })
  }

  readonly arm = (): void => {
    import('./guard/index.tsx').then((part) => part.load(this)).then((guard) => { this.guard = guard }, () => null)
  }
  readonly language = (): string => this.words.language
  readonly exposed = (found: Redaction[]): void => this.events.exposure(found)

  readonly renewToken = async (conversation: string): Promise<string | null> => {
    await this.begin(true)
    if (this.startProblem) throw new ApiError(this.startProblem)
    return this.tokens.get(conversation)
  }

  /** Ask for the inbox, the promise and the conversations; at most once a minute unless `now`. */
  begin(now = false): Promise<void> {
    if (!now && this.start && Date.now() - this.startedAt < START_STALE) return Promise.resolve()
    this.starting ??= this.askStart().finally(() => {
      this.starting = null
    })
    return this.starting
  }

  /** Ask what is out of order; at most once a minute unless `now`. Without an answer what was known stays. */
  readonly look = (now = false): void => {
    if (!now && Date.now() - this.lookedAt < START_STALE) return
    this.lookedAt = Date.now()
    const told = () => this.changed()
    this.api.problems(this.words.language).then((found) => (this.problems = found.filter((one) => this.keep.get(`away:${one.id}`) !== one.changed_at)), () => null).then(told)
    this.api.calls().then((open) => (this.calls = open), () => null).then(told)
  }

  /** Seen and put away, until it says something else. */
  putAway(problem: KnownProblem): void {
    this.keep.set(`away:${problem.id}`, problem.changed_at)
    this.problems = this.problems.filter((one) => one !== problem)
    this.changed()
  }

  show(view: View): void {
    this.view = view
    if (view.name === 'chat') view.session.connect()
    if (view.name === 'home') void this.begin()
    this.changed()
  }

  /** Latest first; conversations of the server, and those that are not there yet. */
  rows(): Row[] {
    const rows: Row[] = (this.start?.conversations ?? []).map((summary) => {
      const session = this.find(summary.state.id)
      return { id: summary.state.id, session, summary, unread: session?.timeline.have ? session.unread() : summary.unread }
    })
    for (const session of this.sessions) {
      const empty = session.timeline.have === 0 && session.unsent().length === 0
      if (!empty && !rows.some((row) => row.id === session.id)) {
        rows.unshift({ id: session.id, session, summary: null, unread: session.unread() })
      }
    }
    return rows
  }

  unread(): number {
    return this.rows().reduce((sum, row) => sum + row.unread, 0)
  }

  openRow(row: Row): void {
    const session = row.session ?? (row.summary ? this.adopt(row.summary) : null)
    if (session) this.show({ name: 'chat', session })
  }

  /** An empty page to write on; nothing reaches the server before the first words. */
  newChat(): void {
    const blank = [...this.sessions].find((session) => !session.token && session.unsent().length === 0)
    const session = blank ?? new Session(newKey(), null, null, this)
    this.sessions.add(session)
    this.show({ name: 'chat', session })
  }

  /** The conversation that a call belongs to: the one at hand, else a new one that begins with these words. */
  forCall(from: Session | null, words: string): Session {
    const session = from ?? this.openSession() ?? new Session(newKey(), null, null, this)
    this.sessions.add(session)
    if (!begun(session)) this.create(session, words, false)
    return session
  }

  say(session: Session, text: string): void {
    if (begun(session)) session.say(text)
    else this.create(session, text, false)
  }

  /** To the emergency team: raises the conversation at hand, else makes one. Works offline: the outbox carries it. */
  raise(from: Session | null): Session {
    const near = from ?? this.openSession()
    const create = near?.unsent().find((item) => item.kind === 'create')
    // words that the server refused would hold the emergency back
    const session = near && !create?.failed ? near : new Session(newKey(), null, null, this)
    this.sessions.add(session)
    if (!begun(session)) {
      this.create(session, this.words.t('em_first_words'), true)
    } else if (!session.state?.emergency && !session.unsent().some((item) => item.kind === 'raise')) {
      if (create?.kind === 'create') this.outbox.put({ ...create, emergency: true })
      // also when the create just left without it: raising twice is harmless
      this.outbox.put({ kind: 'raise', k: newKey(), thread: session.id, tab: this.outbox.tab, at: Date.now() })
      void this.courier.work()
    }
    this.show({ name: 'chat', session })
    return session
  }

  /** Its own conversation, where no other can be raised. */
  readonly startEmergency = (): void => {
    const session = new Session(newKey(), null, null, this)
    this.sessions.add(session)
    this.create(session, this.words.t('em_first_words'), true)
    if (this.view.name === 'chat') this.show({ name: 'chat', session })
  }

  retry(k: string): void {
    this.outbox.retry(k)
    for (const session of this.sessions) session.flush()
    void this.courier.work()
    this.changed()
  }

  discard(k: string): void {
    this.outbox.remove(k)
    this.changed()
  }

  async rate(session: Session, solved: Solved, words: string, k: string): Promise<Problem | null> {
    const rateable = session.state?.can_rate
    if (!session.token || !rateable) return null
    try {
      session.take((await this.api.rate(session.token, rateable.episode, solved, words, k)).state)
      this.changed()
      return null
    } catch (error) {
      return error instanceof ApiError && error.problem.id !== 'already_rated' ? error.problem : null
    }
  }

  /** The host's language, unless the customer has chosen one. */
  async follow(language: string): Promise<void> {
    if (!this.keep.get('lang')) await this.setWords(chooseLanguage([language]))
  }

  async setLanguage(language: string): Promise<void> {
    this.keep.set('lang', language)
    await this.setWords(language)
    for (const { token, state } of this.sessions) {
      // a failure costs nothing: the next hello names the language again
      if (token && state && state.category !== 'resolved') void this.api.language(token, language).catch(() => null)
    }
    void this.begin(true)
  }

  /** The conversation an emergency belongs to when the customer came from the home page. */
  openSession(): Session | null {
    const row = this.rows().find(({ session, summary }) => {
      const state = session?.state ?? summary?.state
      return state ? state.category !== 'resolved' : session !== null
    })
    return row ? (row.session ?? (row.summary ? this.adopt(row.summary) : null)) : null
  }

  private create(session: Session, text: string, emergency: boolean): void {
    const item: OutgoingCreate = {
      kind: 'create', k: newKey(), thread: session.id, tab: this.outbox.tab, at: Date.now(),
      b: text, language: this.words.language, emergency, about: this.about(),
    }
    this.outbox.put(item)
    void this.courier.work()
    this.changed()
  }

  private async askStart(): Promise<void> {
    this.loading = true
    this.changed()
    const known = this.tokens.all()
    try {
      const answer = await withIdentity(this.identity, (identity) => this.api.start(identity, [...known.values()], this.words.language))
      this.start = answer
      this.startedAt = Date.now()
      this.startProblem = null
      const alive = new Set(answer.conversations.map((summary) => summary.state.id))
      for (const id of known.keys()) if (!alive.has(id)) this.courier.bury(id, this.words.language, this.about())
      for (const summary of answer.conversations) {
        this.tokens.put(summary.state.id, summary.token)
        const session = this.find(summary.state.id)
        if (session) session.token = summary.token
      }
      this.openSession()?.connect() // its unread badge lives
      for (const item of this.outbox.all()) {
        const summary = answer.conversations.find(({ state }) => state.id === item.thread)
        if (summary) this.adopt(summary).connect()
      }
    } catch (error) {
      this.startProblem = error instanceof ApiError ? error.problem : { id: 'unavailable', status: 0 }
    }
    for (const item of this.outbox.all()) {
      if (item.kind === 'create') this.held(item.thread)
    }
    this.loading = false
    this.changed()
  }

  private adopt(summary: ConversationSummary): Session {
    const held = this.find(summary.state.id)
    if (held) return held
    const session = new Session(summary.state.id, summary.token, summary.state, this)
    this.sessions.add(session)
    return session
  }

  /** The session that a reloaded page does not have yet, for words written before. */
  held(thread: string): Session {
    const session = this.find(thread) ?? new Session(thread, null, null, this)
    this.sessions.add(session)
    return session
  }

  find(id: string): Session | null {
    for (const session of this.sessions) if (session.id === id) return session
    return null
  }

  private async setWords(language: string): Promise<void> {
    try {
      this.words = await loadWords(language, navigator.languages)
    } catch {
      return // offline: the words at hand stay, the choice is remembered for the next time
    }
    if (this.lookedAt) this.look(true)
    this.changed()
  }

  private setOnline(online: boolean): void {
    this.online = online
    if (online) {
      this.courier.hurry()
      if (this.startProblem) void this.begin(true)
    }
    this.changed()
  }

  private otherTab(event: StorageEvent): void {
    const name = this.keep.nameOf(event.key)
    if (!name) return
    if (name.startsWith('tok:') && event.newValue && !this.find(name.slice(4))) void this.begin(true)
    if (name.startsWith('out:')) this.changed()
  }

  private about(): About {
    return {
      page: (location.origin + location.pathname).slice(0, ABOUT_LIMIT), // the query may hold what is nobody's business
      app_version: (this.settings.appVersion ?? '').slice(0, ABOUT_LIMIT),
      platform: navigator.platform.slice(0, ABOUT_LIMIT),
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    }
  }
}

/** Its first words are on the server or on their way. */
function begun(session: Session): boolean {
  return session.token !== null || session.unsent().some((item) => item.kind === 'create')
}
