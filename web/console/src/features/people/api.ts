import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import type { Agent, AgentLanguage, Role } from '@/api/types'

export const ROLES: readonly Role[] = ['candidate', 'agent', 'emergency_agent', 'lead', 'trainer', 'auditor', 'administrator']
export const LEVELS = ['native', 'fluent', 'translation'] as const
export type AgentChanges = Partial<Pick<Agent, 'name' | 'roles' | 'languages' | 'teams' | 'capacity' | 'active'>>

const of = (agent_id: string) => ({ path: { agent_id } })

export const useAgents = () => useQuery({ queryKey: ['agents'], queryFn: () => body(rest.GET('/api/agents')) })
export const useAgent = (id: MaybeRefOrGetter<string>) =>
  useQuery({ queryKey: computed(() => ['agents', toValue(id)]), queryFn: () => body(rest.GET('/api/agents/{agent_id}', { params: of(toValue(id)) })) })
export const useRights = (id: MaybeRefOrGetter<string>) =>
  useQuery({ queryKey: computed(() => ['rights', toValue(id)]), queryFn: () => body(rest.GET('/api/agents/{agent_id}/rights', { params: of(toValue(id)) })) })
export const useTeams = () => useQuery({ queryKey: ['teams'], queryFn: () => body(rest.GET('/api/teams')) })
export const useInvitations = () => useQuery({ queryKey: ['invitations'], queryFn: () => body(rest.GET('/api/invitations')) })

/** A change of people; afterwards what was listed is asked for again. */
export function usePeopleChange<Input>(change: (input: Input) => Promise<unknown>, ...touched: string[]) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all(touched.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}

export const changeAgent = (id: string, change: AgentChanges) => body(rest.PATCH('/api/agents/{agent_id}', { params: of(id), body: change }))
export const attest = (id: string, skill: string, note: string) => body(rest.POST('/api/agents/{agent_id}/attestations', { params: of(id), body: { skill, note } }))
export const revoke = (id: string, skill: string, why: string) => body(rest.POST('/api/agents/{agent_id}/revocations', { params: of(id), body: { skill, why } }))
export const resetSecondFactor = (id: string) => body(rest.POST('/api/agents/{agent_id}/second-factor-reset', { params: of(id) }))
export const invite = (invited: { email: string; name: string; roles: Role[]; languages: AgentLanguage[] }) => body(rest.POST('/api/invitations', { body: invited }))
export const withdraw = (invitation_id: string) => body(rest.DELETE('/api/invitations/{invitation_id}', { params: { path: { invitation_id } } }))
export const createTeam = (name: string) => body(rest.POST('/api/teams', { body: { name } }))
export const renameTeam = (team_id: string, name: string) => body(rest.PATCH('/api/teams/{team_id}', { params: { path: { team_id } }, body: { name } }))
export const deleteTeam = (team_id: string) => body(rest.DELETE('/api/teams/{team_id}', { params: { path: { team_id } } }))
