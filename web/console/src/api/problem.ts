/** What went wrong, as the server says it (RFC 9457), or that it could not be reached at all. */

import type { Problem } from '@shared/protocol'

export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title ?? problem.id)
    this.name = 'ProblemError'
  }
}

/** The line or the server is down: status 0, so that it is never mistaken for an answer. */
export const unreachable = (): Problem => ({ id: 'unreachable', status: 0 })

export function asProblem(error: unknown): Problem {
  return error instanceof ProblemError ? error.problem : { id: 'unexpected', status: 0 }
}

/** @returns the problem of a response that is not a success, whatever its body is. */
export async function readProblem(response: Response): Promise<Problem> {
  const fallback: Problem = { id: `http_${response.status}`, status: response.status }
  try {
    const body = (await response.json()) as Partial<Problem>
    return typeof body.id === 'string' ? { ...fallback, ...body } : fallback
  } catch {
    return fallback
  }
}
