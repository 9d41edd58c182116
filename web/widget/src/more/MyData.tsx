import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ApiError, parsed, problemOf } from '../api.ts'
import type { Problem } from '../protocol.ts'
import { useShared } from '../ui/App.tsx'
import { problemText } from '../ui/problem.ts'
import type { MoreKey, PageProps } from './index.tsx'

interface OwnRequest {
  id: string
  kind: 'export' | 'erasure'
  state: string
  begins_at: string
  done: number
  total: number
  expires_at: string | null
}
const BUSY = new Set(['ready', 'running'])
/** A job of some seconds is asked for again after this (ms). */
const AGAIN = 2_000

/** The customer's own data: an archive of them, or their erasure. */
export function MyData({ view, words }: PageProps): VNode {
  const { model } = useShared()
  const t = words.t.bind(words)
  const token = view.from?.token ?? [...model.sessions].find((session) => session.token)?.token ?? null
  const [requests, setRequests] = useState<OwnRequest[] | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [sure, setSure] = useState(false)

  const load = (): void => {
    if (!token) return
    model.api.post<OwnRequest[]>('privacy/list', { token }).then(
      (found) => { setRequests(found); setProblem(null) },
      (error: unknown) => setProblem(asProblem(error)),
    )
  }
  useEffect(load, [token])
  useEffect(() => {
    if (!requests?.some((request) => BUSY.has(request.state))) return
    const timer = setTimeout(load, AGAIN)
    return () => clearTimeout(timer)
  }, [requests])

  const act = (path: string, body: object): void => {
    model.api.post(`privacy/${path}`, { token, ...body }).then(load, (error: unknown) => setProblem(asProblem(error)))
    setSure(false)
  }
  const take = (request: OwnRequest): void => {
    save(model.api.ask('privacy/archive', { token, request: request.id })).catch((error: unknown) => setProblem(asProblem(error)))
  }
  const open = (kind: string): boolean => requests?.some((request) => request.kind === kind && (BUSY.has(request.state) || request.state === 'waiting')) ?? false
  const unknown = !token || problem?.id === 'identity_needed'
  return (
    <>
      <p>{t('data_lead')}</p>
      {unknown && <p class="never">{t('data_sign_in')}</p>}
      {problem && !unknown && <p role="alert">{reason(problem)}</p>}
      {!unknown && requests && (
        <>
          {requests.length > 0 && (
            <ul class="list">
              {requests.map((request) => (
                <li key={request.id} class="conv">
                  <span class="grow"><b>{t(request.kind === 'export' ? 'data_export' : 'data_erasure')}</b><small>{stateOf(request)}</small></span>
                  {request.kind === 'export' && request.state === 'done' && <button class="btn" onClick={() => take(request)}>{t('data_download')}</button>}
                  {request.state === 'waiting' && <button class="btn" onClick={() => act('withdraw', { request: request.id })}>{t('data_withdraw')}</button>}
                </li>
              ))}
            </ul>
          )}
          <section>
            <h2>{t('data_export')}</h2>
            <p>{t('data_export_text')}</p>
            <button class="btn main" disabled={open('export')} onClick={() => act('requests', { kind: 'export' })}>{t('data_export_do')}</button>
          </section>
          <section>
            <h2>{t('data_erasure')}</h2>
            <p>{t('data_erasure_text')}</p>
            {sure
              ? <button class="btn" onClick={() => act('requests', { kind: 'erasure' })}>{t('data_erasure_sure')}</button>
              : <button class="btn" disabled={open('erasure')} onClick={() => setSure(true)}>{t('data_erasure_do')}</button>}
          </section>
        </>
      )}
    </>
  )

  function stateOf(request: OwnRequest): string {
    if (request.state === 'waiting') return t('data_begins', { at: words.when(request.begins_at) })
    if (BUSY.has(request.state)) return t('data_busy', { part: request.total ? Math.round((100 * request.done) / request.total) : 0 })
    if (request.kind === 'export' && request.state === 'done' && request.expires_at) return t('data_ready', { at: words.when(request.expires_at) })
    return t((request.state === 'done' ? 'data_done' : 'data_over') satisfies MoreKey)
  }
  function reason(found: Problem): string {
    if (found.id === 'conversation_open') return t('data_open')
    if (found.id === 'legal_hold') return t('data_hold')
    if (found.id === 'wallet_compromised') return t('data_compromised')
    return problemText(words, found)
  }
}

/** Straight to a file: the page never holds it as text. */
async function save(asked: Promise<Response>): Promise<void> {
  const answer = await asked
  if (!answer.ok) throw new ApiError(problemOf(parsed(await answer.text()), answer.status))
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = 'my-data.zip'
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

function asProblem(error: unknown): Problem {
  return error instanceof ApiError ? error.problem : { id: 'unavailable', status: 0 }
}
