/** The one way to the REST API, typed by the server's own description. Refusals are thrown as ProblemError. */

import createClient, { type Middleware } from 'openapi-fetch'
import { learnServerTime } from '@/live/clock'
import type { paths } from '@shared/api/schema'
import { ProblemError, readProblem, unreachable } from './problem'
import { stepUp } from './stepUp'

/** What was asked for, to be asked again: a request's body can be read only once. */
const copies = new WeakMap<Request, Request>()

const house: Middleware = {
  onRequest({ request }) {
    request.headers.set('accept-language', document.documentElement.lang)
    copies.set(request, request.clone())
  },
  async onResponse({ request, response }) {
    learnServerTime(response.headers.get('date'))
    if (response.ok) return undefined
    const problem = await readProblem(response)
    const again = copies.get(request)
    if (problem.id !== 'step_up_required' || !again || !(await stepUp())) throw new ProblemError(problem)
    const second = await fetch(again)
    if (!second.ok) throw new ProblemError(await readProblem(second))
    return second
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
