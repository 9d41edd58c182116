/** A problem in the reader's words: ours by its id, else what the server said in their language. */

import { useI18n } from 'vue-i18n'
import { asProblem } from '@/api/problem'
import type { Problem } from '@shared/protocol'

export function useProblem() {
  const { t, te } = useI18n()
  function words(problem: Problem): string {
    const key = `api.${problem.id}`
    if (te(key) || te(key, 'en')) return t(key, problem.params ?? {})
    const said = [problem.title, problem.detail].filter(Boolean).join('. ')
    return said || t('api.unexpected')
  }
  return { words, of: (error: unknown) => words(asProblem(error)) }
}
