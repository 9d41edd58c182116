import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'

/** Every promise of a conversation; its clocks go on, so it is asked for again while somebody looks. */
export const useLedger = (id: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: ['ledger', () => toValue(id)],
    queryFn: () => body(rest.GET('/api/conversations/{conversation_id}/promises', { params: { path: { conversation_id: toValue(id) } } })),
    staleTime: 0,
    refetchInterval: 10_000,
  })
