import { ApiError } from './api.ts'

/** A JWT of the wallet's back end, or a function that gives a fresh one; with a `nonce`, one that names it. */
export type Identity = string | null | ((nonce?: string) => Promise<string | null>)

/** A host's function is asked once more when the server refuses what it gave; then the customer goes on without a name. */
export async function withIdentity<T>(identity: Identity, call: (token: string | null) => Promise<T>): Promise<T> {
  const ask = async (): Promise<string | null> => (typeof identity === 'function' ? identity().catch(() => null) : identity)
  const refused = (error: unknown): boolean => error instanceof ApiError && error.problem.id === 'identity_invalid'
  for (let tries = identity === null ? 0 : typeof identity === 'function' ? 2 : 1; tries > 0; tries--) {
    try {
      return await call(await ask())
    } catch (error) {
      if (!refused(error)) throw error
    }
  }
  return call(null)
}
