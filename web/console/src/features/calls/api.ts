import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import { keys } from '@/live/cache'
import type { components } from '@shared/api/schema'

type Schemas = components['schemas']
export type Call = Schemas['CallView']
export type Listed = Schemas['ListedCall']
export type CallBack = Schemas['CallBackView']
export type Recording = Schemas['RecordingView']
export type Line = Schemas['LineView']
export type LineInput = Schemas['LineInput']
export type Menu = Schemas['MenuView']
export type Tree = Schemas['Tree']
export type MenuNode = Tree['nodes'][string]
export type Kind = MenuNode['kind']
export type Fault = Schemas['Fault']

// A frame says when something changed; this is for one that was lost, and for those whom none tells.
const EVERY = 15_000
const of = (conversation_id: string) => ({ params: { path: { conversation_id } } })

// All of calls begin with the key of the phone: its frame says that they may have changed.
export const useCallsOf = (conversation: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => [...keys.phone, 'calls', toValue(conversation)]),
    queryFn: () => body(rest.GET('/api/conversations/{conversation_id}/calls', of(toValue(conversation)))),
  })
export const useLiveCalls = () => useQuery({ queryKey: [...keys.phone, 'live'], queryFn: () => body(rest.GET('/api/calls')), refetchInterval: EVERY })
export const useLostCalls = () => useQuery({ queryKey: [...keys.phone, 'lost'], queryFn: () => body(rest.GET('/api/calls/lost')), refetchInterval: EVERY })
export const useCallBacks = () => useQuery({ queryKey: [...keys.phone, 'backs'], queryFn: () => body(rest.GET('/api/call-backs')), refetchInterval: EVERY })

/** The sound, which is nowhere kept: who asks for it has it. */
export const playRecording = (recording_id: string, purpose: string) =>
  body(rest.POST('/api/recordings/{recording_id}/play', { params: { path: { recording_id } }, body: { purpose }, parseAs: 'arrayBuffer' }))
export const callBack = (conversation: string) => body(rest.POST('/api/conversations/{conversation_id}/call-back', of(conversation)))
export const callNow = (call_back_id: string) => body(rest.POST('/api/call-backs/{call_back_id}/call', { params: { path: { call_back_id } } }))
export const cancelCallBack = (call_back_id: string) => body(rest.POST('/api/call-backs/{call_back_id}/cancel', { params: { path: { call_back_id } } }))
export const blockNumber = (conversation: string, why: 'abuse' | 'spam', days: number | null) => body(rest.POST('/api/blocked-numbers', { body: { conversation, why, days } }))

export const useLines = () => useQuery({ queryKey: ['lines'], queryFn: () => body(rest.GET('/api/lines')) })
export const useMenus = () => useQuery({ queryKey: ['menus'], queryFn: () => body(rest.GET('/api/menus')) })
export const useVersions = (key: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => ['menus', toValue(key), 'versions']),
    queryFn: () => body(rest.GET('/api/menus/{key}/versions', { params: { path: { key: toValue(key) } } })),
    enabled: () => toValue(key) !== '',
  })
export const useBlocked = () => useQuery({ queryKey: ['blocked'], queryFn: () => body(rest.GET('/api/blocked-numbers')) })

export const saveLine = (line_id: string | null, line: LineInput) =>
  line_id ? body(rest.PUT('/api/lines/{line_id}', { params: { path: { line_id } }, body: line })) : body(rest.POST('/api/lines', { body: line }))
export const saveMenu = (key: string, name: string, tree: Tree) => body(rest.PUT('/api/menus/{key}', { params: { path: { key } }, body: { name, tree } }))
export const validate = (tree: Tree) => body(rest.POST('/api/menus/validate', { body: tree })).then((found) => found.faults)
export const unblock = (blocked_id: string) => body(rest.DELETE('/api/blocked-numbers/{blocked_id}', { params: { path: { blocked_id } } }))

/** A change of lines, menus or numbers; afterwards what was listed is asked for again. */
export function useKeep() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSuccess: () => Promise.all(['lines', 'menus', 'blocked'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}
