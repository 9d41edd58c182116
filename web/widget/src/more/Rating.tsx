import type { VNode } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { newKey } from '../ids.ts'
import type { Problem, Solved } from '../protocol.ts'
import type { Session } from '../session.ts'
import { useShared } from '../ui/App.tsx'
import { problemText } from '../ui/problem.ts'
import type { MoreKey, MoreWords } from './index.tsx'

const ANSWERS: [Solved, MoreKey][] = [['yes', 'rate_yes'], ['partly', 'rate_partly'], ['no', 'rate_no']]
const WORDS_LIMIT = 2000

export function Rating({ session, words: texts }: { session: Session; words: MoreWords }): VNode {
  const { model } = useShared()
  const t = texts.t.bind(texts)
  const [solved, setSolved] = useState<Solved | null>(null)
  const [words, setWords] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const key = useRef(newKey())
  const send = async (): Promise<void> => {
    if (!solved || busy) return
    setBusy(true)
    setProblem(await model.rate(session, solved, words.trim(), key.current))
    setBusy(false)
  }
  return (
    <section class="rate" aria-labelledby="rate-q">
      <h2 id="rate-q">{t('rate_q')}</h2>
      <div class="three">
        {ANSWERS.map(([value, name]) => (
          <button key={value} aria-pressed={solved === value} onClick={() => setSolved(value)}>{t(name)}</button>
        ))}
      </div>
      {solved && (
        <div class="why">
          {solved === 'no' && <p>{t('rate_go_on')}</p>}
          <label><span>{t('rate_words')}</span>
            <textarea rows={2} dir="auto" maxLength={WORDS_LIMIT} value={words} onInput={(event) => setWords(event.currentTarget.value)} /></label>
          <button class="btn main" disabled={busy} onClick={() => void send()}>{t('rate_send')}</button>
          <p role="status">{problem && problemText(model.words, problem)}</p>
        </div>
      )}
    </section>
  )
}
