import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { Problem } from '../protocol.ts'
import { useShared } from '../ui/App.tsx'
import { problemText } from '../ui/problem.ts'
import type { PageProps } from './index.tsx'
import { problemOf } from './proof/api.ts'

/** Where the link of a letter leads: a click opens its conversation, since scanners open links too. */
export function Continue({ words }: PageProps): VNode {
  const { model } = useShared()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const open = (): void => {
    setBusy(true)
    model.api.post<{ conversation: string; token: string }>('continue', { link: location.hash.split('=')[1] }).then(
      ({ conversation, token }) => {
        // it is worth nothing any more
        history.replaceState(null, '', location.pathname + location.search)
        return model.enter(conversation, token)
      },
      (error: unknown) => setProblem(problemOf(error)),
    ).finally(() => setBusy(false))
  }
  return (
    <section class="why">
      <p>{words.t('cont_lead')}</p>
      <button class="btn main" disabled={busy} onClick={open}>{words.t('cont_do')}</button>
      <p role="alert">{problem && (problem.id === 'call_link_over' ? words.t('cont_over') : problemText(words, problem))}</p>
    </section>
  )
}
