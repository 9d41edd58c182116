import { Fragment, type VNode } from 'preact'
import { useState } from 'preact/hooks'
import { REDACTED, type Attachment, type Entry } from '../protocol.ts'
import type { Session } from '../session.ts'
import type { Local, TimelineRow } from '../store.ts'
import { useShared } from './App.tsx'
import { Icon } from './icons.tsx'
import { Later } from './More.tsx'
import { problemText } from './problem.ts'

export function Messages({ session, rows }: { session: Session; rows: TimelineRow[] }): VNode {
  const { model } = useShared()
  const { words } = model
  let day = ''
  return (
    <div class="log" role="log" aria-label={words.t('messages')} tabIndex={0}>
      {rows.map(({ entry, local }) => {
        const row = entry ?? local
        const today = words.day(row.at)
        const first = today !== day
        day = today
        // one key for the optimistic and the durable form: the bubble stays the same element
        return (
          <Fragment key={row.k ?? `s${row.seq}`}>
            {first && <p class="day"><time dateTime={row.at}>{today}</time></p>}
            {entry ? <Said session={session} entry={entry} /> : local && <Unconfirmed session={session} local={local} />}
          </Fragment>
        )
      })}
      {session.typing && <p class="typing"><span class="dots" aria-hidden="true"><i /><i /><i /></span>{words.t('typing', { name: session.typing })}</p>}
    </div>
  )
}

function Said({ session, entry }: { session: Session; entry: Entry }): VNode | null {
  const { words } = useShared().model
  if (entry.kind === 'system') return <SystemLine session={session} entry={entry} />
  const mine = entry.from === 'customer'
  const read = mine && (session.state?.read.agent ?? 0) >= entry.seq
  return (
    <>
      {(entry.b || entry.att.length > 0) && (
        <div class={mine ? 'm me' : 'm they'}>
          <span class="hf-sr">{mine ? words.t('you') : (entry.by?.name ?? words.t('support'))}</span>
          <Bubble b={entry.b} lang={entry.lang} att={entry.att} />
          <div class="meta">
            {!mine && entry.by && <span>{entry.by.name} ·</span>}
            <time dateTime={entry.at}>{words.clock(entry.at)}</time>
            {(entry.via || entry.from === 'system') && <Later draw={(part) => part.via(entry)} />}
            {mine && <span>· {words.t(read ? 'read' : 'delivered')}</span>}
            {mine && <Icon name={read ? 'checks' : 'check'} small tick={read} />}
          </div>
        </div>
      )}
    </>
  )
}

function Unconfirmed({ session, local }: { session: Session; local: Local }): VNode {
  const { model } = useShared()
  const { words } = model
  const t = words.t.bind(words)
  const problem = local.item.failed
  const edit = (): void => {
    session.draft = session.draft ? `${local.b}\n${session.draft}` : local.b
    model.discard(local.k)
  }
  return (
    <div class={`m me ${local.status}`}>
      <span class="hf-sr">{t('you')}</span>
      <Bubble b={local.b} lang={null} att={local.att} />
      {problem ? (
        <div class="unsent" role="status">
          <p><Icon name="warn" small /><span><b>{t('not_sent')}</b> {problemText(words, problem)}</span></p>
          <div>
            <button class="btn" onClick={() => model.retry(local.k)}>{t('try_again')}</button>
            <button class="btn" onClick={edit}>{t('edit')}</button>
          </div>
        </div>
      ) : (
        <div class="meta">
          <time dateTime={local.at}>{words.clock(local.at)}</time>
          <span>· {t(local.status === 'delivered' ? 'delivered' : 'sending')}</span>
          <Icon name={local.status === 'delivered' ? 'check' : 'clock'} small />
        </div>
      )}
    </div>
  )
}

function Bubble({ b, lang, att }: { b: string; lang: string | null; att: Attachment[] }): VNode {
  return (
    <>
      {b && <div class="b" dir="auto" lang={lang ?? undefined}>{b.split(REDACTED).map((piece, i) => <>{i > 0 && <Cut />}{piece}</>)}</div>}
      {att.map((file) => <File key={file.id} file={file} />)}
    </>
  )
}

function Cut(): VNode {
  const { words } = useShared().model
  return <span class="cut" lang={words.language}><Icon name="stop" small />{words.t('removed')}</span>
}

function File({ file }: { file: Attachment }): VNode {
  const { words } = useShared().model
  const [hidden, setHidden] = useState(false)
  const label = words.t('open_file', { name: file.name })
  if (!file.url) return file.state === 'secret' ? <Cut /> : <span class="file"><Icon name="clock" small /><span><bdi>{file.name}</bdi> · {words.t('pic_wait')}</span></span>
  return file.type.startsWith('image/') && !hidden ? (
    <a class="pic" href={file.url} target="_blank" rel="noopener noreferrer" aria-label={label}>
      <img src={file.url} alt="" width={file.width ?? undefined} height={file.height ?? undefined} loading="lazy" onError={() => setHidden(true)} />
    </a>
  ) : (
    <a class="file" href={file.url} target="_blank" rel="noopener noreferrer" aria-label={label}>
      <Icon name="file" small /><bdi>{file.name}</bdi>
    </a>
  )
}

function SystemLine({ session, entry }: { session: Session; entry: Entry }): VNode | null {
  const { words } = useShared().model
  const { ev } = entry
  if (ev?.type === 'redacted') return <Later draw={(part) => part.burned(session, entry)} />
  if (ev?.type.startsWith('mail_')) return <Later draw={(part) => part.mailed(entry)} />
  if (ev?.type.startsWith('proof')) return <Later draw={(part) => part.proof(session, entry)} />
  const text = systemText()
  return text ? <p class="day">{text} <time dateTime={entry.at}>{words.clock(entry.at)}</time></p> : null

  function systemText(): string | null {
    switch (ev?.type) {
      case 'opened': return words.t('ev_opened')
      case 'assigned': return words.t('ev_assigned', { name: ev.name ?? entry.by?.name ?? words.t('support') })
      case 'resolved': return words.t('ev_resolved')
      case 'reopened': return words.t('ev_reopened')
      case 'emergency': return words.t('ev_emergency')
      case 'rated': return words.t('ev_rated')
      case 'language': return ev.language ? words.t('ev_language', { language: words.languageName(ev.language) }) : null
      default: return null
    }
  }
}
