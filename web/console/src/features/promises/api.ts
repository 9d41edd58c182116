import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import type { components } from '@shared/api/schema'

type Schemas = components['schemas']
export type Policy = Schemas['PolicyView']
export type PolicyInput = Schemas['PromisePolicyInput']
type Windows = Record<string, string[][]>
/** Vue makes a list of a pair. */
export type Calendar = Omit<Schemas['CalendarView'], 'weekly' | 'exceptions'> & { weekly: Windows; exceptions: Windows }
export type CalendarInput = Schemas['CalendarInput']
export type Kind = PolicyInput['kind']
/** Of customers; the wallet may name segments of its own. */
export const KNOWN_GROUPS: readonly string[] = ['proven', 'anonymous']
export const KINDS: readonly Kind[] = ['first_response', 'next_response', 'solution', 'update', 'emergency', 'internal']

/** Every promise of a conversation; its clocks go on, so it is asked for again while somebody looks. */
export const useLedger = (id: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: ['ledger', () => toValue(id)],
    queryFn: () => body(rest.GET('/api/conversations/{conversation_id}/promises', { params: { path: { conversation_id: toValue(id) } } })),
    staleTime: 0,
    refetchInterval: 10_000,
  })
export const usePolicies = () => useQuery({ queryKey: ['policies'], queryFn: () => body(rest.GET('/api/promises/policies')) })
export const useCalendars = () => useQuery({ queryKey: ['calendars'], queryFn: () => body(rest.GET('/api/promises/calendars')) })
export const useAttainment = () => useQuery({ queryKey: ['attainment'], queryFn: () => body(rest.GET('/api/promises/attainment')) })

/** A next version of a policy or of hours; afterwards what was listed is asked for again. */
export function usePromiseChange() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSettled: () => Promise.all(['policies', 'calendars'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}
export const savePolicy = (key: string, input: PolicyInput) => body(rest.PUT('/api/promises/policies/{key}', { params: { path: { key } }, body: input }))
export const saveCalendar = (key: string, input: CalendarInput) => body(rest.PUT('/api/promises/calendars/{key}', { params: { path: { key } }, body: input }))
