/** What is asked and proven in a conversation. The socket says when it has changed (`live/cache.ts`). */

import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import type { components } from '@shared/api/schema'
import { body, rest } from '@/api/client'
import { keys } from '@/live/cache'

type Schemas = components['schemas']
export type Case = Schemas['ProofCaseView']
export type Proof = Schemas['ProofState']
export type Purpose = Schemas['ProofPurpose']
export type PurposeChange = Schemas['PurposeChanged']

const of = (conversation_id: string) => ({ params: { path: { conversation_id } } })

export const useCase = (id: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => keys.verification(toValue(id))),
    queryFn: ({ signal }) => body(rest.GET('/api/conversations/{conversation_id}/verification', { ...of(toValue(id)), signal })),
    staleTime: 60_000,
  })

/** Each answers with the case as it is now. */
export function useProofActs(id: MaybeRefOrGetter<string>) {
  const client = useQueryClient()
  async function keep(asked: Promise<Case>): Promise<void> {
    const conversation = toValue(id)
    client.setQueryData<Case>(keys.verification(conversation), await asked)
  }
  return {
    ask: (purpose: string) => keep(body(rest.POST('/api/conversations/{conversation_id}/verification', { ...of(toValue(id)), body: { purpose } }))),
    withdraw: (proof_id: string) => keep(body(rest.POST('/api/conversations/{conversation_id}/verification/{proof_id}/withdraw', { params: { path: { conversation_id: toValue(id), proof_id } } }))),
    compromised: (is: boolean) => keep(body(rest.PUT('/api/conversations/{conversation_id}/compromise', { ...of(toValue(id)), body: { compromised: is } }))),
  }
}

const PURPOSES = ['verification', 'purposes'] as const
export const usePurposes = () => useQuery({ queryKey: PURPOSES, queryFn: () => body(rest.GET('/api/verification/purposes')) })
export function useKeepPurpose() {
  const client = useQueryClient()
  return async (key: string, change: PurposeChange): Promise<void> => {
    await body(rest.PUT('/api/verification/purposes/{key}', { params: { path: { key } }, body: change }))
    await client.invalidateQueries({ queryKey: ['verification'] })
  }
}
