import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ApiError } from '../api.ts'
import type { Problem } from '../protocol.ts'
import { useShared } from '../ui/App.tsx'
import { problemText } from '../ui/problem.ts'
import type { MoreKey, PageProps } from './index.tsx'

interface Look {
  id: string
  at: string
  name: string
  role: string
  field: string | null
  purpose: string | null
  words: string | null
  seal: number | null
}
const FIELDS: Record<string, MoreKey> = { email: 'look_email', phone: 'look_phone', user_id: 'look_user_id', wallet: 'look_wallet', letter: 'look_letter', secret: 'look_secret' }
const ROLES: Record<string, MoreKey> = { agent: 'look_role_agent', emergency_agent: 'look_role_emergency_agent', lead: 'look_role_lead' }

/** Who of the house looked at the customer's data, when, at what, for what; and the proof of it. */
export function Looks({ view, words }: PageProps): VNode {
  const { model } = useShared()
  const t = words.t.bind(words)
  const token = view.from?.token ?? null
  const [looks, setLooks] = useState<Look[] | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const failed = (error: unknown): void => setProblem(error instanceof ApiError ? error.problem : { id: 'unavailable', status: 0 })

  useEffect(() => {
    if (!token) return
    model.api.post<{ looks: Look[] }>('looks', { token, language: words.language }).then(
      (found) => { setLooks(found.looks); setProblem(null) },
      failed,
    )
  }, [token, words])
  const proof = (): void => {
    model.api.post<unknown>('looks/proof', { token }).then((found) => {
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob([JSON.stringify(found)], { type: 'application/json' }))
      link.download = 'holdfast-proof.json'
      link.click()
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
    }, failed)
  }
  const why = (look: Look): string => (look.field ? [look.purpose, look.words && `“${look.words}”`].filter(Boolean).join(': ') : t('look_answer'))
  return (
    <>
      <p>{t('look_lead')}</p>
      {problem && <p role="alert">{problemText(words, problem)}</p>}
      {looks?.length === 0 && <p class="never">{t('look_none')}</p>}
      {looks && looks.length > 0 && (
        <>
          <ul class="list">
            {looks.map((look) => (
              <li key={look.id} class="conv">
                <span class="grow">
                  <b>{t(look.field ? (FIELDS[look.field] ?? 'look_other') : 'look_conversation')}</b>
                  <small><bdi>{look.name}</bdi> · {t(ROLES[look.role] ?? 'look_role_other')} · <time dateTime={look.at}>{words.when(look.at)}</time></small>
                  <small><bdi>{why(look)}</bdi></small>
                  <small>{look.seal ? t('look_sealed', { n: look.seal }) : t('look_fresh')}</small>
                </span>
              </li>
            ))}
          </ul>
          <section>
            <button class="btn" disabled={!looks.some((look) => look.seal)} onClick={proof}>{t('look_proof')}</button>
            <p>{t('look_proof_text')}</p>
          </section>
        </>
      )}
    </>
  )
}
