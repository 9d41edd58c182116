import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import { keys } from '@/live/cache'
import type { components } from '@shared/api/schema'

type Schemas = components['schemas']
export type Call = Schemas['CallView']
export type Recording = Schemas['RecordingView']

// All begin with the key of the phone: its frame says that they may have changed.
export const useCallsOf = (conversation: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => [...keys.phone, 'calls', toValue(conversation)]),
    queryFn: () => body(rest.GET('/api/conversations/{conversation_id}/calls', { params: { path: { conversation_id: toValue(conversation) } } })),
  })

/** The sound, which is nowhere kept: who asks for it has it. */
export const playRecording = (recording_id: string, purpose: string) =>
  body(rest.POST('/api/recordings/{recording_id}/play', { params: { path: { recording_id } }, body: { purpose }, parseAs: 'arrayBuffer' }))
export const callBack = (conversation_id: string) => body(rest.POST('/api/conversations/{conversation_id}/call-back', { params: { path: { conversation_id } } }))
export const blockNumber = (conversation: string, why: 'abuse' | 'spam', days: number | null) => body(rest.POST('/api/blocked-numbers', { body: { conversation, why, days } }))
