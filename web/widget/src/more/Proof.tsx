import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ApiError } from '../api.ts'
import type { Problem } from '../protocol.ts'
import type { Session } from '../session.ts'
import { useShared } from '../ui/App.tsx'
import { problemText } from '../ui/problem.ts'
import type { MoreKey, MoreWords, PageProps } from './index.tsx'

/** What `/api/widget/proof` and `/api/widget/code` answer. */
interface ProofAnswer {
  words: string | null
  rotating: string
  seconds: number
  messages: { seq: number; at: string; code: string }[]
}
/** asked again after a fault (ms) */
const AGAIN = 5_000
const SHORTEST = 4
const LONGEST = 40
const FAULTS: Record<string, MoreKey> = { code_is_secret: 'proof_secret', code_unfit: 'proof_unfit' }

const asProblem = (error: unknown): Problem => (error instanceof ApiError ? error.problem : { id: 'offline', status: 0 })

/** The codes of a conversation; asked anew when the shared one changes, and while `seq` grows. */
function useProof(session: Session | null, seq: number) {
  const { model } = useShared()
  const [proof, setProof] = useState<ProofAnswer | null>(null)
  const [left, setLeft] = useState(0)
  const token = session?.token ?? null
  const take = (answer: ProofAnswer): void => {
    setProof(answer)
    setLeft(answer.seconds)
  }
  useEffect(() => {
    if (!token) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let here = true
    const ask = (): void => {
      model.api.post<ProofAnswer>('proof', { token }).then(
        (answer) => {
          if (!here) return
          take(answer)
          timer = setTimeout(ask, answer.seconds * 1000 + 200)
        },
        () => {
          if (here) timer = setTimeout(ask, AGAIN)
        },
      )
    }
    ask()
    return () => {
      here = false
      clearTimeout(timer)
    }
  }, [token, seq])
  useEffect(() => {
    const timer = setInterval(() => setLeft((seconds) => Math.max(0, seconds - 1)), 1000)
    return () => clearInterval(timer)
  }, [])
  return { proof, left, take }
}

/** In the head of the chat: a fake window cannot know these words. */
export function Badge({ session, words }: { session: Session; words: MoreWords }): VNode | null {
  const { model } = useShared()
  const [own, setOwn] = useState<string | null>(null)
  useEffect(() => {
    if (!session.token) return
    let here = true
    model.api.post<ProofAnswer>('proof', { token: session.token }).then((answer) => here && setOwn(answer.words), () => undefined)
    return () => { here = false }
  }, [session.token])
  return own ? <small>{words.rich('proof_badge', { words: <bdi>{own}</bdi> })}</small> : null
}

export function Proof({ view, words }: PageProps): VNode {
  const { model } = useShared()
  const t = words.t.bind(words)
  const session = view.from
  const { proof, left, take } = useProof(session, session?.state?.seq ?? 0)
  const [own, setOwn] = useState('')
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const choose = async (chosen: string | null): Promise<void> => {
    if (busy || !session?.token) return
    setBusy(true)
    setFault(null)
    try {
      take(await model.api.post<ProofAnswer>('code', { token: session.token, words: chosen }))
      setOwn('')
    } catch (error) {
      const problem = asProblem(error)
      const known = FAULTS[problem.id]
      setFault(known ? t(known) : problemText(model.words, problem))
    }
    setBusy(false)
  }
  if (!proof) return <p class="aside" role="status">{t('proof_wait')}</p>
  const code = `${proof.rotating.slice(0, 3)} ${proof.rotating.slice(3)}`
  return (
    <>
      <section>
        <h2>{t('proof_both')}</h2>
        <p class="aside">{t('proof_read')}</p>
        <p dir="ltr" style={{ fontSize: '34px', fontWeight: 600, letterSpacing: '.08em', lineHeight: 1.5, textAlign: 'center', fontVariantNumeric: 'tabular-nums' }}>{code}</p>
        <progress value={left} max={60} aria-hidden="true" />
        <p class="aside">{t('proof_left', { seconds: left })}</p>
      </section>
      <section>
        <h2>{t('proof_own')}</h2>
        <p class="aside">{t('proof_own_text')}</p>
        <p style={{ margin: '8px 0', fontSize: '18px', fontWeight: 600, overflowWrap: 'anywhere' }}>{proof.words ? <bdi>{proof.words}</bdi> : t('proof_none')}</p>
        <div class="why">
          <label><span>{t('proof_word')}</span>
            <textarea rows={1} dir="auto" maxLength={LONGEST} value={own} autocomplete="off" spellcheck={false} onInput={(event) => setOwn(event.currentTarget.value)} /></label>
          <button class="btn main" disabled={busy || own.trim().length < SHORTEST} onClick={() => void choose(own.trim())}>{t('proof_save')}</button>
          <button class="btn" disabled={busy} onClick={() => void choose(null)}>{t('proof_make')}</button>
          <p role="status">{fault}</p>
        </div>
      </section>
      <section>
        <h2>{t('proof_sent')}</h2>
        <p class="aside">{words.rich('proof_sent_text', { page: <a href={`${model.api.origin}/verify?lang=${words.language}`} target="_blank" rel="noopener">{t('proof_page')}</a> })}</p>
        {proof.messages.length > 0 && (
          <ul class="list" style={{ marginTop: '8px' }}>
            {proof.messages.slice(0, 5).map((message) => (
              <li key={message.seq} style={{ padding: '8px 12px' }}>
                <time dateTime={message.at}>{words.when(message.at)}</time> <bdi dir="ltr" style={{ display: 'block', fontFamily: 'var(--hf-mono)', fontSize: '14px', overflowWrap: 'anywhere' }}>{message.code}</bdi>
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  )
}
