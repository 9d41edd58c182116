import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import type { components } from '@shared/api/schema'

type Schemas = components['schemas']
export type Case = Schemas['CaseView']
export type CaseRow = Schemas['CaseRow']
export type Announcement = Schemas['AnnouncementView']
export type Issue = Schemas['IssueView']
export type KnownProblem = Schemas['KnownProblemView']
export type ProblemInput = Schemas['ProblemInput']
export type Handover = Schemas['HandoverInput']
export type Kind = Schemas['AnnouncementInput']['kind']
export type Settled = Schemas['Settled']['how']
export type TrackerInput = Schemas['TrackerInput']

const EVERY = 15_000
const OFTEN = 3_000

export const useCases = (over: MaybeRefOrGetter<boolean>, enabled: MaybeRefOrGetter<boolean> = true) =>
  useQuery({
    queryKey: computed(() => ['technical-cases', toValue(over)]),
    queryFn: () => body(rest.GET('/api/technical/cases', { params: { query: { over: toValue(over) } } })),
    enabled: () => toValue(enabled),
    refetchInterval: EVERY,
  })
/** Asked for more often while something is on its way. */
export const useCase = (id: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => ['technical-case', toValue(id)]),
    queryFn: () => body(rest.GET('/api/technical/cases/{case_id}', { params: { path: { case_id: toValue(id) } } })),
    refetchInterval: ({ state: { data } }) => (data?.announcements.some((one) => one.state === 'sending') || data?.issue?.actions.some((one) => one.state === 'waiting') ? OFTEN : EVERY),
  })
export const useHandovers = (conversation: MaybeRefOrGetter<string>, enabled: MaybeRefOrGetter<boolean>) =>
  useQuery({
    queryKey: computed(() => ['handovers', toValue(conversation)]),
    queryFn: () => body(rest.GET('/api/conversations/{conversation_id}/handovers', { params: { path: { conversation_id: toValue(conversation) } } })),
    enabled: () => toValue(enabled),
    refetchInterval: EVERY * 2,
  })
export const useProblems = () => useQuery({ queryKey: ['known-problems'], queryFn: () => body(rest.GET('/api/technical/problems')), refetchInterval: EVERY * 2 })
export const useTracker = () => useQuery({ queryKey: ['technical-tracker'], queryFn: () => body(rest.GET('/api/technical/tracker')) })

/** A change of a case, of a known problem or of the tracker; afterwards what was shown is asked for again. */
export function useTechnicalChange() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSettled: () => Promise.all(['technical-cases', 'technical-case', 'handovers', 'known-problems', 'technical-tracker'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}

const at = (case_id: string) => ({ params: { path: { case_id } } })
export const handOver = (conversation_id: string, given: Handover) => body(rest.POST('/api/conversations/{conversation_id}/handovers', { params: { path: { conversation_id } }, body: given }))
export const describe = (id: string, title: string, description: string) => body(rest.PUT('/api/technical/cases/{case_id}', { ...at(id), body: { title, description } }))
export const acts = {
  take: (id: string) => body(rest.POST('/api/technical/cases/{case_id}/take', at(id))),
  solve: (id: string) => body(rest.POST('/api/technical/cases/{case_id}/solve', at(id))),
  close: (id: string) => body(rest.POST('/api/technical/cases/{case_id}/close', at(id))),
  reopen: (id: string) => body(rest.POST('/api/technical/cases/{case_id}/reopen', at(id))),
}
export const announce = (id: string, kind: Kind, texts: { language: string; text: string }[]) => body(rest.POST('/api/technical/cases/{case_id}/announcements', { ...at(id), body: { kind, texts } }))
export const release = (announcement_id: string) => body(rest.POST('/api/technical/announcements/{announcement_id}/release', { params: { path: { announcement_id } } }))
export const discard = (announcement_id: string) => body(rest.DELETE('/api/technical/announcements/{announcement_id}', { params: { path: { announcement_id } } }))
export const makeIssue = (id: string) => body(rest.POST('/api/technical/cases/{case_id}/issue', at(id)))
export const linkIssue = (id: string, issue: string) => body(rest.PUT('/api/technical/cases/{case_id}/issue', { ...at(id), body: { issue } }))
export const unlinkIssue = (id: string) => body(rest.DELETE('/api/technical/cases/{case_id}/issue', at(id)))
export const settleIssue = (id: string, how: Settled) => body(rest.POST('/api/technical/cases/{case_id}/issue/settle', { ...at(id), body: { how } }))
export const saveProblem = (problem_id: string | null, problem: ProblemInput) =>
  problem_id === null ? body(rest.POST('/api/technical/problems', { body: problem })) : body(rest.PUT('/api/technical/problems/{problem_id}', { params: { path: { problem_id } }, body: problem }))
export const setTracker = (tracker: TrackerInput) => body(rest.PUT('/api/technical/tracker', { body: tracker }))
export const dropTracker = () => body(rest.DELETE('/api/technical/tracker'))
