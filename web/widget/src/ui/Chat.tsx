import type { VNode } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Session } from '../session.ts'
import { CloseButton, Trouble, useShared } from './App.tsx'
import { Composer } from './Composer.tsx'
import { Icon } from './icons.tsx'
import { Messages } from './Messages.tsx'
import { Later } from './More.tsx'
import { Promised } from './Promised.tsx'

/** Short breaks heal by themselves; the bar would only flicker (ms). */
const PATIENCE = 2_000
/** closer to the end than this (px), the log follows new messages */
const NEAR_END = 80

export function Chat({ session }: { session: Session }): VNode {
  const { model } = useShared()
  const { words } = model
  const t = words.t.bind(words)
  const { state } = session
  const body = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const [below, setBelow] = useState(false)
  const [dropping, setDropping] = useState(false)
  const trouble = useTrouble(session)
  const rows = session.rows()
  const ended = session.status === 'ended'

  useLayoutEffect(() => {
    const last = rows.at(-1)
    const own = last?.local || last?.entry?.from === 'customer'
    if (atEnd.current || own) body.current?.scrollTo(0, body.current.scrollHeight)
    else setBelow(true)
  }, [rows.length])
  useLayoutEffect(() => {
    if (atEnd.current) body.current?.scrollTo(0, body.current.scrollHeight)
  })
  useEffect(() => {
    const seen = (): void => {
      if (document.visibilityState === 'visible') session.markRead()
    }
    seen()
    document.addEventListener('visibilitychange', seen)
    return () => document.removeEventListener('visibilitychange', seen)
  })

  const scrolled = (): void => {
    const element = body.current
    if (!element) return
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END
    if (atEnd.current) setBelow(false)
  }
  const drag = (event: DragEvent): void => {
    if (ended || !event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    setDropping(event.type === 'dragover')
    if (event.type === 'drop') session.addFiles(event.dataTransfer.files)
  }
  return (
    <div class="chat" onDragOver={drag} onDragLeave={() => setDropping(false)} onDrop={drag}>
      <header class="bar">
        <button class="ib" onClick={() => model.show({ name: 'home' })} aria-label={t('back')}><Icon name="back" flip /></button>
        <h1 tabIndex={-1} data-focus>
          {state?.agent ? t('agent_title', { name: state.agent.name }) : t('support')}
          {state && <small><bdi dir="ltr">{state.reference}</bdi></small>}
          {session.token && <Later draw={(part) => part.badge(session)} />}
        </h1>
        <button class="ib" onClick={() => model.show({ name: 'more', topic: 'menu', from: session })} aria-label={t('more')}><Icon name="shield" /></button>
        <CloseButton />
      </header>
      <Promised session={session} />
      {session.token && <Later draw={(part) => part.mail(session)} />}
      <Trouble text={trouble} />
      <div class="body" ref={body} onScroll={scrolled}>
        <Messages session={session} rows={rows} />
        {state?.can_rate && <Later draw={(part) => part.rating(session)} />}
      </div>
      <div class="float">
        {below && (
          <button class="below" onClick={() => body.current?.scrollTo(0, body.current.scrollHeight)}>
            <Icon name="down" small />{t('unread', { count: Math.max(1, session.unread()) })}
          </button>
        )}
      </div>
      <div class="alarm-bar">
        <button class="sos slim" onClick={() => model.show({ name: 'emergency', from: session })}>
          <Icon name="alarm" /><b class="grow">{state?.emergency ? t('sos_steps') : t('sos_short')}</b><Icon name="forward" flip />
        </button>
      </div>
      {ended
        ? <div class="send end"><p>{t('ended')}</p><button class="btn main" onClick={() => model.newChat()}>{t('start_new')}</button></div>
        : <Composer session={session} key={session.erased} />}
      {dropping && <div class="drop" aria-hidden="true">{t('drop')}</div>}
    </div>
  )
}

function useTrouble(session: Session): string | null {
  const { model } = useShared()
  const away = session.token !== null && session.status !== 'live' && session.status !== 'ended'
  const [long, setLong] = useState(false)
  useEffect(() => {
    if (!away) {
      setLong(false)
      return
    }
    const timer = setTimeout(() => setLong(true), PATIENCE)
    return () => clearTimeout(timer)
  }, [away])
  if (!model.online) return model.words.t('offline')
  return away && long ? model.words.t('connecting') : null
}
