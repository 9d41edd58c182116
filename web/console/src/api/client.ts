/** The one way to the REST API, typed by the server's own description. Refusals are thrown as ProblemError. */

import createClient, { type Middleware } from 'openapi-fetch'
import { learnServerTime } from '@/live/clock'
import type { paths } from '@shared/api/schema'
import { ProblemError, readProblem, unreachable } from './problem'

const house: Middleware = {
  onRequest({ request }) {
    request.headers.set('accept-language', document.documentElement.lang)
  },
  async onResponse({ response }) {
    learnServerTime(response.headers.get('date'))
    if (!response.ok) throw new ProblemError(await readProblem(response))
  },
  onError({ error }) {
    // A request that was given up on is not a lost line.
    if (error instanceof DOMException && error.name === 'AbortError') return error
    return new ProblemError(unreachable())
  },
}

export const rest = createClient<paths>({ baseUrl: location.origin, credentials: 'same-origin' })
rest.use(house)

/** @returns the body of an answer; what was refused has been thrown before. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T
}
