import type { VNode } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from '../api.ts'
import type { Entry, Problem } from '../protocol.ts'
import type { Session } from '../session.ts'
import { useShared } from '../ui/App.tsx'
import { Icon } from '../ui/icons.tsx'
import { problemText } from '../ui/problem.ts'
import type { MoreKey, MoreWords, PageProps } from './index.tsx'
import css from './mail.css?inline'

/** What `/api/widget/mail…` answer; addresses are masked. */
interface Reach {
  possible: boolean
  state: 'none' | 'asked' | 'on' | 'off' | 'bounced'
  address: string
  known: string
}
const REASONS: Record<string, MoreKey> = {
  address_unfit: 'mail_r_address', address_code_wrong: 'mail_r_code', confirmation_ended: 'mail_r_ended',
  rate_limited: 'mail_r_many', mail_impossible: 'mail_never',
}

const styles = new CSSStyleSheet()
styles.replaceSync(css)

/** On the element that the styles are for. */
function useStyles() {
  const here = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const root = here.current?.getRootNode()
    if (root instanceof ShadowRoot && !root.adoptedStyleSheets.includes(styles)) root.adoptedStyleSheets.push(styles)
  })
  return here
}

/** Whether answers go by e-mail; asked anew when a line of the chat says that it changed. */
function useReach(session: Session | null) {
  const { model } = useShared()
  const [reach, setReach] = useState<Reach | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const token = session?.token ?? null
  const changes = session?.rows().filter(({ entry }) => entry?.ev?.type.startsWith('mail_')).length ?? 0
  const post = (path: string, body: object = {}): Promise<void> => {
    setBusy(true)
    return model.api.post<Reach>(`mail${path}`, { token, ...body }).then(
      (found) => { setReach(found); setProblem(null) },
      (error: unknown) => setProblem(error instanceof ApiError ? error.problem : { id: 'unavailable', status: 0 }),
    ).finally(() => setBusy(false))
  }
  useEffect(() => { if (token) void post('') }, [token, changes])
  return { reach, problem, busy, post }
}

/** The line below the head of a chat: leaving is fine. */
export function MailLine({ session, words }: { session: Session; words: MoreWords }): VNode | null {
  const { model } = useShared()
  const { reach } = useReach(session)
  const here = useStyles()
  if (!reach?.possible || session.state?.category === 'resolved') return null
  const on = reach.state === 'on'
  return (
    <div ref={here}>
      <button class="by-mail" onClick={() => model.show({ name: 'more', topic: 'mail', from: session })}>
        <span class="grow">{on ? words.rich('mail_goes', { to: <bdi dir="ltr">{reach.address}</bdi> }) : words.t('mail_offer')}</span>
        <Icon name="forward" small flip />
      </button>
    </div>
  )
}

/** Small print of the chat: answers go by e-mail, or no more. */
export function MailEvent({ entry, words }: { entry: Entry; words: MoreWords }): VNode | null {
  const text = entry.ev?.type === 'mail_on' ? words.t('mail_ev_on') : entry.ev?.type === 'mail_off' ? words.t('mail_ev_off') : null
  return text ? <p class="day">{text} <time dateTime={entry.at}>{words.clock(entry.at)}</time></p> : null
}

/** Where answers go when the customer has left. */
export function Mail({ view, words }: PageProps): VNode {
  const t = words.t.bind(words)
  const here = useStyles()
  const { reach, problem, busy, post } = useReach(view.from)
  const [address, setAddress] = useState('')
  const [code, setCode] = useState('')
  const [other, setOther] = useState(false)
  const to = <bdi dir="ltr">{reach?.address}</bdi>
  const ask = (given: string | null): void => void post('/address', { address: given }).then(() => { setOther(false); setCode('') })
  const asking = reach?.state === 'none' || reach?.state === 'off' || reach?.state === 'bounced' || other
  const submit = (act: () => void) => (event: Event): void => { event.preventDefault(); act() }
  return (
    <div class="mail" ref={here}>
      <p>{t('mail_lead')}</p>
      {reach && !reach.possible && <p class="never">{t('mail_never')}</p>}
      {reach?.possible && (
        <>
          {reach.state === 'on' && <p role="status"><b>{words.rich('mail_goes', { to })}</b></p>}
          {reach.state === 'off' && <p role="status">{t('mail_stopped')}</p>}
          {reach.state === 'bounced' && <p role="status">{words.rich('mail_bounced', { to })}</p>}
          {reach.state === 'asked' && !other && (
            <form onSubmit={submit(() => void post('/code', { code }))}>
              <p role="status">{words.rich('mail_sent', { to })}</p>
              <label>{t('verify_code')}
                <input value={code} onInput={(event) => setCode(event.currentTarget.value)} inputMode="numeric" autocomplete="one-time-code" dir="ltr" maxLength={12} required /></label>
              <button class="btn main" disabled={busy}>{t('mail_confirm')}</button>
            </form>
          )}
          {asking && reach.known && <button class="btn main" disabled={busy} onClick={() => ask(null)}>{t('mail_known', { to: reach.known })}</button>}
          {asking && (
            <form onSubmit={submit(() => ask(address))}>
              <label>{t('mail_address')}
                <input type="email" value={address} onInput={(event) => setAddress(event.currentTarget.value)} autocomplete="email" dir="ltr" maxLength={254} required /></label>
              <button class={reach.known ? 'btn' : 'btn main'} disabled={busy}>{t('mail_ask')}</button>
            </form>
          )}
          {!asking && <button class="btn" onClick={() => setOther(true)}>{t('mail_other')}</button>}
          {(reach.state === 'on' || reach.state === 'asked') && <button class="btn" disabled={busy} onClick={() => void post('/off')}>{t('mail_stop')}</button>}
        </>
      )}
      <p role="alert">{problem && (REASONS[problem.id] ? t(REASONS[problem.id] as MoreKey) : problemText(words, problem))}</p>
    </div>
  )
}
