import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { body, rest } from '@/api/client'
import type { Role } from '@/api/types'
import { keys } from '@/live/cache'
import type { Me } from '@shared/protocol'

type Json = Record<string, unknown>

export const api = {
  me: () => body(rest.GET('/api/session')),
  signIn: (email: string, password: string) => body(rest.POST('/api/session', { body: { email, password } })),
  totp: (code: string) => body(rest.POST('/api/session/totp', { body: { code } })),
  passkeyOptions: () => body(rest.POST('/api/session/passkey/options')),
  passkey: (credential: Json) => body(rest.POST('/api/session/passkey', { body: { credential } })),
  provider: () => body(rest.GET('/api/session/provider')),
  providerStart: (next: string, fresh = false) => body(rest.POST('/api/session/provider/start', { body: { next, fresh } })),
  stepUpState: () => body(rest.GET('/api/session/step-up')),
  stepUpPasskeyOptions: () => body(rest.POST('/api/session/step-up/passkey/options')),
  stepUp: (proof: { code?: string; password?: string; credential?: Json }) => body(rest.POST('/api/session/step-up', { body: proof })),
  signOut: () => body(rest.DELETE('/api/session')),
  sessions: () => body(rest.GET('/api/sessions')),
  endSession: (session_id: string) => body(rest.DELETE('/api/sessions/{session_id}', { params: { path: { session_id } } })),
  forgot: (email: string) => body(rest.POST('/api/password-reset', { body: { email } })),
  reset: (token: string, password: string) => body(rest.POST('/api/password-reset/confirm', { body: { token, password } })),
  invitation: (token: string) => body(rest.GET('/api/invitations/{token}/view', { params: { path: { token } } })),
  acceptInvitation: (token: string, name: string, password: string) =>
    body(rest.POST('/api/invitations/{token}/accept', { params: { path: { token } }, body: { name, password } })),
  changeMe: (change: { name?: string; interface_language?: string }) => body(rest.PATCH('/api/me', { body: change })),
  changePassword: (current: string, password: string) => body(rest.POST('/api/me/password', { body: { current, password } })),
  beginTotp: () => body(rest.POST('/api/me/totp')),
  confirmTotp: (code: string) => body(rest.POST('/api/me/totp/confirm', { body: { code } })),
  removeTotp: (password: string) => body(rest.DELETE('/api/me/totp', { body: { password } })),
  passkeys: () => body(rest.GET('/api/me/passkeys')),
  newPasskeyOptions: () => body(rest.POST('/api/me/passkeys/options')),
  addPasskey: (name: string, credential: Json) => body(rest.POST('/api/me/passkeys', { body: { name, credential } })),
  removePasskey: (passkey_id: string) => body(rest.DELETE('/api/me/passkeys/{passkey_id}', { params: { path: { passkey_id } } })),
}

/** Who is signed in. In views behind the sign-in it is always there: the router fetched it. */
export function useMe() {
  const client = useQueryClient()
  const query = useQuery({ queryKey: keys.me, queryFn: api.me, staleTime: Infinity, retry: false })
  const holds = (...roles: Role[]) => roles.some((role) => query.data.value?.roles.includes(role))
  return { me: query.data, holds, set: (me: Me) => client.setQueryData(keys.me, me), refresh: () => client.invalidateQueries({ queryKey: keys.me }) }
}
