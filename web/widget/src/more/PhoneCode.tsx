import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Problem } from '../protocol.ts'
import { useShared } from '../ui/App.tsx'
import type { PageProps } from './index.tsx'
import { problemOf, ProofApi, type PhoneCode as Shown } from './proof/api.ts'
import { problemLine } from './proof/words.ts'

const PURPOSE = 'on_the_phone'

/** A code for a caller to type: once, for some minutes, never to be read to anybody. */
export function PhoneCode({ view, words }: PageProps): VNode {
  const { model } = useShared()
  const t = words.t.bind(words)
  const [shown, setShown] = useState<Shown | null>(null)
  const [since, setSince] = useState(0)
  const [over, setOver] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const token = view.from?.token ?? ''
  const show = (): void => {
    setProblem(null)
    setOver(false)
    setSince(view.from?.timeline.have ?? 0)
    new ProofApi(model, token).phoneCode().then(setShown, (error: unknown) => setProblem(problemOf(error)))
  }
  useEffect(show, [token])
  useEffect(() => {
    if (!shown) return
    const timer = setTimeout(() => setOver(true), Math.max(0, Date.parse(shown.expires_at) - Date.now()))
    return () => clearTimeout(timer)
  }, [shown])
  // what became of it comes as a line of the chat
  const came = view.from?.rows().find(({ entry }) => entry && entry.seq > since && entry.ev?.purpose === PURPOSE && entry.ev.type !== 'proof_asked')
  const typed = came?.entry?.ev?.type
  const done = typed === 'proof_given' ? t('pc_done') : typed === 'proof_refused' ? t('pc_found') : null
  return (
    <section class="why">
      <p>{t('pc_lead')}</p>
      {shown && !over && !done && (
        <>
          <p dir="ltr" style={{ fontSize: '32px', fontWeight: 600, letterSpacing: '.06em', lineHeight: 1.5, textAlign: 'center', fontVariantNumeric: 'tabular-nums' }}>{shown.code.replace(/(...)(?=.)/g, '$1 ')}</p>
          <p>{t('pc_until', { at: words.clock(shown.expires_at) })}</p>
          {!shown.proves && <p>{t('pc_plain')}</p>}
        </>
      )}
      <p role="status"><b>{done}</b></p>
      {(over || done || problem) && <button class="btn" onClick={show}>{t('pc_new')}</button>}
      <p role="alert">{problem && problemLine(words, problem)}</p>
    </section>
  )
}
