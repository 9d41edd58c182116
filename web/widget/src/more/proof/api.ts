import type { Model } from '../../model.ts'
import { ApiError } from '../../api.ts'
import type { Problem } from '../../protocol.ts'

export type Method = 'email' | 'sms' | 'app' | 'wallet' | 'passkey'
export interface Way {
  method: Method
  /** where a code goes, masked */
  to: string | null
}
export interface Proof {
  id: string
  purpose: string
  name: string
  level: number
  state: 'waiting' | 'proven' | 'withdrawn' | 'over'
  counts: boolean
  by_agent: boolean
  ways: Way[]
  method: Method | null
  proven_at: string | null
  valid_until: string | null
  refused: string | null
}
export interface Case {
  proofs: Proof[]
  compromised: boolean
  passkeys: { id: string; created_at: string }[]
  known: boolean
  may_enrol: boolean
  origin: string
}
export interface Challenge {
  id: string
  method: Method
  expires_at: string
  text: string | null
  address: string | null
  nonce: string | null
  to: string | null
  options: { publicKey?: object } | object | null
}
/** To be typed on a telephone. `proves`: the app has vouched, else it only finds the chat. */
export interface PhoneCode {
  code: string
  expires_at: string
  proves: boolean
}
export interface Answered {
  proof: Proof
  refused: string | null
  tries: number
}

/** The requests about proof of one conversation. They reject with an ApiError. */
export class ProofApi {
  constructor(private readonly model: Model, private readonly token: string) {}

  list = (): Promise<Case> => this.post('list', {})
  begin = (purpose: string): Promise<Case> => this.post('begin', { purpose })
  compromised = (): Promise<Case> => this.post('compromised', {})
  challenge = (proof: string, method: Method, more: object = {}): Promise<Challenge> => this.post('challenge', { proof, method, ...more })
  answer = (challenge: string, given: object): Promise<Answered> => this.post('answer', { challenge, ...given })
  passkeyOptions = (): Promise<{ options: object }> => this.post('passkeys/options', {})
  addPasskey = (credential: unknown): Promise<object> => this.post('passkeys', { credential })

  /** The app vouches first, if it can. */
  async phoneCode(): Promise<PhoneCode> {
    const { nonce } = await this.post<{ nonce: string }>('phone', {})
    return this.post('phone/code', { nonce, identity: await this.identity(nonce).catch(() => '') })
  }

  /** A fresh token of the wallet's back end, made for this challenge. */
  async identity(nonce: string): Promise<string> {
    const { identity } = this.model
    return (typeof identity === 'function' ? await identity(nonce) : identity) ?? ''
  }

  private post<T>(path: string, body: object): Promise<T> {
    return this.model.api.post(`verification/${path}`, { token: this.token, ...body })
  }
}

export function problemOf(error: unknown): Problem {
  return error instanceof ApiError ? error.problem : { id: 'unavailable', status: 0 }
}
