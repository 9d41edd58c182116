import type { VNode } from 'preact'
import type { Words } from '../i18n.ts'
import type { More } from '../model.ts'
import type { Entry } from '../protocol.ts'
import type { Session } from '../session.ts'
import { useShared } from '../ui/App.tsx'
import { Icon } from '../ui/icons.tsx'
import { Burned } from './Burned.tsx'
import { MailEvent, MailLine } from './Mail.tsx'
import { Badge } from './Proof.tsx'
import { Line } from './proof/Line.tsx'
import { Rating } from './Rating.tsx'
import type en from './locales/en.json'
import { TOPICS } from './topics.ts'

export type MoreKey = keyof typeof en
/** The start's words and this part's. */
export type MoreWords = ReturnType<typeof extended>
export interface PageProps {
  view: More
  words: MoreWords
}
/** What the frame gets: texts and pages of the language it asked for. */
export interface Part {
  title: (topic: string) => string | null
  page: (view: More) => VNode
  rating: (session: Session) => VNode
  burned: (session: Session, entry: Entry) => VNode
  /** The customer's own words, for the head of a chat. */
  badge: (session: Session) => VNode
  /** a line of the chat about proof */
  proof: (session: Session, entry: Entry) => VNode
  /** Below the head of a chat: leaving is fine. */
  mail: (session: Session) => VNode
  /** a line of the chat about that */
  mailed: (entry: Entry) => VNode
  /** what came by another way than the chat */
  via: (entry: Entry) => VNode
}

const catalogues = import.meta.glob<Record<MoreKey, string | Record<string, string>>>('./locales/*.json', { import: 'default' })

function extended(words: Words, texts: Record<MoreKey, string | Record<string, string>>) {
  return words.with<MoreKey>(texts)
}

/** Rejects when a chunk cannot be loaded (offline). */
export async function load(words: Words): Promise<Part> {
  const texts = catalogues[`./locales/${words.language}.json`]
  if (!texts) throw new Error(`no texts in ${words.language}`)
  const all = extended(words, await texts())
  return {
    title: (topic) => { const found = TOPICS[topic]; return found ? all.t(found.title) : null },
    page: (view) => {
      const Page = TOPICS[view.topic]?.page ?? Menu
      return <Page view={view} words={all} key={view.topic} />
    },
    burned: (session, entry) => <Burned session={session} entry={entry} words={all} />,
    badge: (session) => <Badge session={session} words={all} />,
    rating: (session) => <Rating session={session} words={all} key={session.state?.can_rate?.episode} />,
    proof: (session, entry) => <Line session={session} entry={entry} words={all} />,
    mail: (session) => <MailLine session={session} words={all} key={session.id} />,
    mailed: (entry) => <MailEvent entry={entry} words={all} />,
    via: (entry) => <span>· {all.t(entry.via === 'email' ? 'mail_via' : 'sent_automatically')}</span>,
  }
}

function Menu({ view, words }: PageProps): VNode {
  const { model } = useShared()
  const shown = Object.entries(TOPICS).filter(([, topic]) => (view.from?.token || !topic.conversation) && (model.calls || !topic.phone) && !topic.linked)
  return (
    <ul class="list">
      {shown.map(([name, topic]) => (
        <li key={name}>
          <button class="conv" onClick={() => model.show({ ...view, topic: name })}>
            <span class="grow"><b>{words.t(topic.title)}</b><small>{words.t(topic.about)}</small></span>
            <Icon name="forward" small flip />
          </button>
        </li>
      ))}
    </ul>
  )
}
