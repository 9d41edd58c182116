import type { VNode } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { SECRET, type Certainty, type Finding, type Kind } from '../../../shared/redaction/findings'
import { join, mayBePiece } from '../../../shared/redaction/fragments'
import { findSecrets, without } from '../../../shared/redaction/redact'
import type { Words } from '../i18n.ts'
import { newKey } from '../ids.ts'
import type { Model } from '../model.ts'
import type { Session } from '../session.ts'
import { useShared } from '../ui/App.tsx'
import { Icon } from '../ui/icons.tsx'
import css from './guard.css?inline'
import type en from './locales/en.json'

type Key = keyof typeof en
type Texts = Record<Key, string>

/** Longer files are looked at by the server alone. */
const LARGEST = 1024 * 1024
/** A file is looked at in pieces, which overlap by more than the longest secret has (characters). */
const PIECE = 64 * 1024
const OVERLAP = 8 * 1024
/** Looked at when the chunk has come, so that the patterns are ready before the customer presses send: 40 ms. */
const FIRST = 'my transaction 0x1f9840a85d5af5bf1d1762f925bdaddf4201f984 of 14:05 has the pin 0000, and it is still pending'
const sheet = new CSSStyleSheet()
sheet.replaceSync(css)

/** What is held back: the words in the composer, or a file. */
interface Held {
  key: string
  session: Session
  text: string
  found: readonly Finding[]
  kind: Kind
  certainty: Certainty
  /** a whole phrase only with the messages before */
  parts: boolean
  file: File | null
}

const catalogues = import.meta.glob<Texts>('./locales/*.json', { import: 'default' })

/** Looks at words and files before they leave the page, and asks. Rejects when a chunk cannot be loaded (offline). */
export async function load(model: Model): Promise<Guard> {
  const texts = await catalogues[`./locales/${model.words.language}.json`]?.()
  if (!texts) throw new Error(`no texts in ${model.words.language}`)
  const guard = model.guard ?? new Guard(model)
  if (guard !== model.guard) setTimeout(() => findSecrets(FIRST))
  guard.words = model.words.with<Key>(texts)
  return guard
}

export class Guard {
  declare words: Words<Key>
  /** one question at a time: the words come before the files */
  private waiting: readonly Held[] = []
  /** what the customer has said is no secret */
  private vouched: string | null = null

  constructor(private readonly model: Model) {}

  /** Whether what stands in the composer must not be sent yet; then the card asks. */
  stops(session: Session): boolean {
    const text = session.draft
    const known = this.vouched
    this.vouched = null
    if (text === known) return false
    const found = findSecrets(text)
    if (found.length) {
      this.ask(session, text, found, null)
      return true
    }
    const pieces = piecesOf(ownWords(session))
    const joined = mayBePiece(text, pieces.length > 0) ? join([...pieces, text]) : null
    if (!joined?.pieces.includes(pieces.length)) return false
    this.ask(session, text, [{ kind: 'recovery_phrase', start: 0, end: text.length, certainty: joined.certainty, words: joined.words }], null, true)
    return true
  }

  /** Takes the files that were chosen: those that may hold a secret are added after the customer has answered. */
  takes(session: Session, files: readonly File[]): void {
    for (const file of files) void this.read(session, file)
  }

  private async read(session: Session, file: File): Promise<void> {
    const plain = file.size <= LARGEST && (file.type.startsWith('text/') || /\.(txt|csv|json|log|md)$/i.test(file.name))
    const found = await firstIn(`${file.name}\n${plain ? await file.text().catch(() => '') : ''}`)
    if (found.length) this.ask(session, '', found, file)
    else session.addFiles([file], true)
  }

  private ask(session: Session, text: string, found: readonly Finding[], file: File | null, parts = false): void {
    const [worst] = [...found].sort((one, other) => doubt(one) - doubt(other) || SECRET.indexOf(one.kind) - SECRET.indexOf(other.kind))
    if (!worst) return
    const held = { key: newKey(), session, text, found, kind: worst.kind, certainty: worst.certainty, parts, file }
    const files = this.waiting.filter((each) => each.file)
    this.waiting = file ? [...this.waiting, held] : [held, ...files]
    this.model.changed()
  }

  /** The question, as long as what it asks about still stands there. */
  card(session: Session): VNode | null {
    this.waiting = this.waiting.filter((each) => each.file || each.session !== session || each.text === session.draft)
    const held = this.waiting.find((each) => each.session === session)
    return held ? <Card held={held} key={held.key} /> : null
  }

  drop(held: Held): void {
    this.waiting = this.waiting.filter((each) => each !== held)
    this.model.changed()
  }

  /** Whether the words are to be sent now. */
  answered(held: Held, harmless: boolean): boolean {
    const { session, text, found, file, parts } = held
    if (file) {
      if (harmless) session.addFiles([file], true)
    } else if (harmless) {
      this.vouched = text
    } else {
      session.draft = parts ? '' : without(text, found)
    }
    this.drop(held)
    return harmless && !file
  }
}

/** Of a long text the first that are found; the page draws between its pieces (20 ms each). */
async function firstIn(text: string): Promise<Finding[]> {
  for (let start = 0; start < text.length; start += PIECE - OVERLAP) {
    const found = findSecrets(text.slice(start, start + PIECE))
    if (found.length) return found
    if (start) await new Promise((next) => setTimeout(next))
  }
  return []
}

const doubt = (one: Finding): number => Number(one.certainty === 'ambiguous')

/** Those that the server holds together, too: what is said between them is no part of a phrase. */
function piecesOf(messages: readonly string[]): string[] {
  const pieces: string[] = []
  for (const text of messages) if (mayBePiece(text, pieces.length > 0)) pieces.push(text)
  return pieces
}

/** The customer's own words of this conversation, oldest first. */
function ownWords(session: Session): string[] {
  return session.rows().flatMap(({ entry, local }) => local?.b ?? (entry?.from === 'customer' && entry.b ? [entry.b] : []))
}

function why({ kind, certainty, parts }: Held): Key {
  if (parts) return 'guard_parts'
  if (certainty === 'ambiguous') return 'guard_why_maybe'
  if (kind === 'recovery_phrase' || kind === 'private_key') return 'guard_why_wallet'
  return kind === 'card_number' ? 'guard_why_card' : 'guard_why_account'
}

function Card({ held }: { held: Held }): VNode | null {
  const { guard } = useShared().model
  const box = useRef<HTMLElement>(null)
  const form = useRef<HTMLFormElement | null>(null)
  useLayoutEffect(() => {
    const root = box.current?.getRootNode()
    if (root instanceof ShadowRoot && !root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet)
    form.current = box.current?.closest('form') ?? null
    box.current?.focus()
  }, [])
  const back = (): void => form.current?.querySelector('textarea')?.focus()
  const decide = (harmless: boolean): void => {
    const send = guard?.answered(held, harmless)
    back()
    if (send) form.current?.requestSubmit()
  }
  if (!guard) return null
  const { words } = guard
  const wallet = held.kind === 'recovery_phrase' || held.kind === 'private_key'
  return (
    <section class="guard" ref={box} tabIndex={-1} role="alertdialog" aria-labelledby="guard-what" aria-describedby="guard-why"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        guard.drop(held)
        back()
      }}>
      <h2 id="guard-what"><Icon name="stop" />{words.t(held.certainty === 'ambiguous' ? 'guard_maybe' : `guard_${held.kind}`)}</h2>
      {held.file && <p class="in"><Icon name="file" small /><span>{words.rich('guard_file', { name: <bdi>{held.file.name}</bdi> })}</span></p>}
      <div id="guard-why">
        <p>{words.t(why(held))}</p>
        {wallet && held.certainty !== 'ambiguous' && <p>{words.t('guard_seen')}</p>}
      </div>
      <button type="button" class="btn main" onClick={() => decide(false)}>{words.t(held.file ? 'guard_remove_file' : 'guard_remove')}</button>
      <button type="button" class="btn" onClick={() => decide(true)}>{words.t('guard_send')}</button>
    </section>
  )
}
