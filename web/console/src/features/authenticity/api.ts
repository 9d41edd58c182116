import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import type { components } from '@shared/api/schema'

type Schemas = components['schemas']
export type Channel = Schemas['ChannelView']
export type ChannelKind = Schemas['ChannelInput']['kind']
export type Case = Schemas['ImpostorCaseView']
export type State = Case['state']

export const KINDS: readonly ChannelKind[] = ['domain', 'link', 'handle', 'phone', 'mail', 'app', 'reference']
export const STATES: readonly State[] = ['new', 'confirmed', 'reported', 'taken_down', 'rejected']

const ofCase = (case_id: string) => ({ path: { case_id } })
const ofConversation = (conversation_id: string) => ({ path: { conversation_id } })

export const useChannels = () => useQuery({ queryKey: ['channels'], queryFn: () => body(rest.GET('/api/official-channels')) })
export const useCases = (only: MaybeRefOrGetter<State | ''>) =>
  useQuery({ queryKey: computed(() => ['impostors', toValue(only)]), queryFn: () => body(rest.GET('/api/impostors', { params: { query: { only: toValue(only) || undefined } } })) })
export const useCase = (id: MaybeRefOrGetter<string>) =>
  useQuery({ queryKey: computed(() => ['impostor', toValue(id)]), queryFn: () => body(rest.GET('/api/impostors/{case_id}', { params: ofCase(toValue(id)) })) })

/** A change; afterwards what was listed is asked for again. */
export function useChange(...touched: string[]) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSuccess: () => Promise.all(touched.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}

export const addChannel = (channel: { kind: ChannelKind; value: string; note: string }) => body(rest.POST('/api/official-channels', { body: channel }))
export const endChannel = (channel: Channel, until: string | null) =>
  body(rest.PUT('/api/official-channels/{channel_id}', { params: { path: { channel_id: channel.id } }, body: { note: channel.note, since: channel.since, until } }))
export const move = (id: string, state: State, note: string) => body(rest.POST('/api/impostors/{case_id}/steps', { params: ofCase(id), body: { state, note } }))
export const packUrl = (id: string) => `/api/impostors/${id}/pack`
export const report = (target: string, words: string, conversation: string | null) => body(rest.POST('/api/impostors', { body: { target, words, conversation } }))
export const proof = (id: string) => body(rest.GET('/api/conversations/{conversation_id}/proof', { params: ofConversation(id) }))
export const compare = (id: string, code: string) => body(rest.POST('/api/conversations/{conversation_id}/proof', { params: ofConversation(id), body: { code } }))
export const checkDraft = (text: string) => body(rest.POST('/api/outgoing/check', { body: { text } }))
