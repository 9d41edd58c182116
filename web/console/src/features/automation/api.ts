import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import { keys } from '@/live/cache'
import type { components } from '@shared/api/schema'

type Schemas = components['schemas']
export type Rule = Schemas['AutomationRuleView']
export type RuleInput = Schemas['RuleInput']
export type Check = Schemas['CheckView']
export type Action = Schemas['RuleActionView']
export type Report = Schemas['TrialReport']
export type Firing = Schemas['FiringView']
export type Later = Schemas['LaterView']
export type Scheduled = Schemas['ScheduledView']
export type Asks = Check['asks']
export type Op = Check['op']
export type Does = Action['does']
export type When = Schemas['WhenView']

export const EVENTS: readonly When['event'][] = ['opened', 'customer_wrote', 'answered', 'queued', 'assigned', 'resolved', 'reopened', 'emergency', 'promise_warned', 'promise_broken']
export const ASKS: readonly Asks[] = ['queue', 'topic', 'priority', 'language', 'channel', 'group', 'segment', 'emergency', 'hours', 'tags', 'messages', 'fired', 'words']
export const DOES: readonly Does[] = ['topic', 'priority', 'queue', 'note', 'message', 'resolve', 'page', 'webhook']
export const MODES = ['all', 'any', 'none'] as const
export const NUMBERS: readonly Asks[] = ['priority', 'messages', 'fired']
export const DUTIES = ['technical', 'emergency', 'health']

const of = (rule_id: string) => ({ path: { rule_id } })

export const useRules = () => useQuery({ queryKey: ['rules'], queryFn: () => body(rest.GET('/api/automation/rules')), refetchInterval: 15_000 })
export const useTrial = (id: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => ['trial', toValue(id)]),
    queryFn: () => body(rest.GET('/api/automation/trials/{trial_id}', { params: { path: { trial_id: toValue(id) } } })),
    refetchInterval: (query) => (query.state.data?.trial.state === 'running' ? 700 : false),
  })
export const useRuleLog = (id: MaybeRefOrGetter<string>) =>
  useInfiniteQuery({
    queryKey: computed(() => ['firings', toValue(id)]),
    queryFn: ({ pageParam }) => body(rest.GET('/api/automation/rules/{rule_id}/firings', { params: { ...of(toValue(id)), query: { before: pageParam } } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.length === 50 ? page.at(-1)!.id : null),
  })
export const useFirings = (id: MaybeRefOrGetter<string>, enabled: MaybeRefOrGetter<boolean>) =>
  useQuery({
    queryKey: computed(() => ['firings', 'in', toValue(id)]),
    queryFn: () => body(rest.GET('/api/conversations/{conversation_id}/firings', { params: { path: { conversation_id: toValue(id) } } })),
    enabled: () => toValue(enabled),
    staleTime: 0,
  })
export const useLater = (id: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => keys.later(toValue(id))),
    queryFn: () => body(rest.GET('/api/conversations/{conversation_id}/later', { params: { path: { conversation_id: toValue(id) } } })),
  })

/** A change of rules; afterwards what was listed is asked for again. */
export function useRuleChange() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSettled: () => Promise.all(['rules', 'trial'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}
export function useLaterChange(id: MaybeRefOrGetter<string>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSettled: () => client.invalidateQueries({ queryKey: keys.later(toValue(id)) }),
  })
}

export const saveRule = (id: string | null, input: RuleInput) =>
  id === null ? body(rest.POST('/api/automation/rules', { body: input })) : body(rest.PUT('/api/automation/rules/{rule_id}', { params: of(id), body: input }))
export const switchRule = (rule: Rule, active: boolean) =>
  body(rest.POST('/api/automation/rules/{rule_id}/switch', { params: of(rule.id), body: { active, based_on: rule.version } }))
export const moveRule = (rule: Rule, up: boolean) =>
  body(rest.POST('/api/automation/rules/{rule_id}/move', { params: of(rule.id), body: { up, based_on: rule.version } }))
export const removeRule = (rule: Rule) =>
  body(rest.DELETE('/api/automation/rules/{rule_id}', { params: { ...of(rule.id), query: { based_on: rule.version } } }))
export const tryRule = (rule: Rule, days: number) =>
  body(rest.POST('/api/automation/rules/{rule_id}/trials', { params: of(rule.id), body: { days } }))
export const cancelTrial = (trial_id: string) => body(rest.POST('/api/automation/trials/{trial_id}/cancel', { params: { path: { trial_id } } }))

export const schedule = (conversation_id: string, scheduled_id: string | null, input: Schemas['ScheduledInput']) =>
  scheduled_id === null
    ? body(rest.POST('/api/conversations/{conversation_id}/scheduled', { params: { path: { conversation_id } }, body: input }))
    : body(rest.PUT('/api/conversations/{conversation_id}/scheduled/{scheduled_id}', { params: { path: { conversation_id, scheduled_id } }, body: input }))
export const unschedule = (conversation_id: string, scheduled_id: string) =>
  body(rest.DELETE('/api/conversations/{conversation_id}/scheduled/{scheduled_id}', { params: { path: { conversation_id, scheduled_id } } }))
export const followUp = (conversation_id: string, at: string, note: string) =>
  body(rest.PUT('/api/conversations/{conversation_id}/follow-up', { params: { path: { conversation_id } }, body: { at, note } }))
export const dropFollowUp = (conversation_id: string) =>
  body(rest.DELETE('/api/conversations/{conversation_id}/follow-up', { params: { path: { conversation_id } } }))
