import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import { keys } from '@/live/cache'
import type { components } from '@shared/api/schema'

export type Missed = components['schemas']['MissedView']
export type Mode = components['schemas']['SuperviseInput']['mode']
export type Writing = components['schemas']['WritingInput']
export type Transfer = components['schemas']['TransferInput']

// A frame says when something changed; this is for one that was lost.
const EVERY = 15_000
const of = (call_id: string) => ({ params: { path: { call_id } } })

export const usePhone = (enabled: MaybeRefOrGetter<boolean>) =>
  useQuery({ queryKey: keys.phone, queryFn: () => body(rest.GET('/api/phone')), enabled: () => toValue(enabled), refetchInterval: EVERY })
export const useMissed = (enabled: MaybeRefOrGetter<boolean>) =>
  useQuery({ queryKey: [...keys.phone, 'missed'], queryFn: () => body(rest.GET('/api/phone/missed')), enabled: () => toValue(enabled) })
/** What is recorded of the conversation whose call it is. */
export const useRecordings = (conversation: MaybeRefOrGetter<string | null>) =>
  useQuery({
    queryKey: computed(() => [...keys.phone, 'recordings', toValue(conversation)]),
    queryFn: () => body(rest.GET('/api/conversations/{conversation_id}/recordings', { params: { path: { conversation_id: toValue(conversation)! } } })),
    enabled: () => toValue(conversation) !== null,
  })
/** How the call may go on in writing, while somebody wants to know. */
export const useWritingWays = (call: MaybeRefOrGetter<string>, enabled: MaybeRefOrGetter<boolean>) =>
  useQuery({
    queryKey: computed(() => [...keys.phone, 'writing', toValue(call)]),
    queryFn: () => body(rest.GET('/api/calls/{call_id}/writing', of(toValue(call)))),
    enabled: () => toValue(enabled),
  })

export const addDevice = () => body(rest.POST('/api/phone/devices', { body: { kind: 'browser' } }))
export const readPhone = () => body(rest.GET('/api/phone'))
export const acts = {
  answer: (call: string, device: string | null) => body(rest.POST('/api/calls/{call_id}/answer', { ...of(call), body: { device } })),
  decline: (offer_id: string) => body(rest.POST('/api/offers/{offer_id}/decline', { params: { path: { offer_id } } })),
  hangUp: (call: string) => body(rest.POST('/api/calls/{call_id}/hang-up', of(call))),
  mute: (call: string, on: boolean) => body(rest.POST('/api/calls/{call_id}/mute', { ...of(call), body: { on } })),
  hold: (call: string, on: boolean) => body(rest.POST('/api/calls/{call_id}/hold', { ...of(call), body: { on } })),
  keys: (call: string, digits: string) => body(rest.POST('/api/calls/{call_id}/keys', { ...of(call), body: { digits } })),
  transfer: (call: string, to: Transfer) => body(rest.POST('/api/calls/{call_id}/transfer', { ...of(call), body: to })),
  consult: (call: string, agent: string) => body(rest.POST('/api/calls/{call_id}/consult', { ...of(call), body: { agent } })),
  endConsult: (call: string) => body(rest.POST('/api/calls/{call_id}/consult/end', of(call))),
  conference: (call: string) => body(rest.POST('/api/calls/{call_id}/conference', of(call))),
  handOver: (call: string) => body(rest.POST('/api/calls/{call_id}/hand-over', of(call))),
  record: (call: string, on: boolean) => body(rest.POST('/api/calls/{call_id}/recording', { ...of(call), body: { on } })),
  supervise: (call: string, mode: Mode) => body(rest.POST('/api/calls/{call_id}/supervise', { ...of(call), body: { mode } })),
  askCode: (call: string, on: boolean) => body(rest.POST('/api/calls/{call_id}/code', { ...of(call), body: { on } })),
  write: (call: string, how: Writing) => body(rest.POST('/api/calls/{call_id}/writing', { ...of(call), body: how })),
  endWrapUp: (call: string) => body(rest.POST('/api/calls/{call_id}/wrap-up/end', of(call))),
}
