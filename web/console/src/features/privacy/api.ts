import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import type { components } from '@shared/api/schema'
import { body, rest } from '@/api/client'

export type SubjectRequest = components['schemas']['RequestView']
export type Rule = components['schemas']['RuleView']
export type ReviewRow = components['schemas']['ReviewRow']
export const PURPOSES = ['letter', 'lost_access', 'representative', 'authority'] as const
export type Purpose = components['schemas']['ArchiveTaken']['purpose']
/** As the server keeps it: worded here by its id. */
export interface Finding {
  id: string
  params: Record<string, unknown>
  attention: boolean
}
export interface Section {
  id: string
  findings: Finding[]
}

const BUSY = ['ready', 'running']
const of = (request_id: string) => ({ params: { path: { request_id } } })

/** Asked again each second while a job is at work. */
export const useRequests = () =>
  useQuery({
    queryKey: ['privacy', 'requests'],
    queryFn: () => body(rest.GET('/api/privacy/requests')),
    refetchInterval: (query) => (query.state.data?.some((request) => BUSY.includes(request.state)) ? 1000 : false),
  })
export const useHolds = () => useQuery({ queryKey: ['privacy', 'holds'], queryFn: () => body(rest.GET('/api/privacy/holds')) })
export const useRules = () => useQuery({ queryKey: ['privacy', 'rules'], queryFn: () => body(rest.GET('/api/privacy/retention')) })
export const useReviews = () => useQuery({ queryKey: ['privacy', 'reviews'], queryFn: () => body(rest.GET('/api/privacy/reviews')) })
export const useReview = (id: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => ['privacy', 'reviews', toValue(id)]),
    queryFn: () => body(rest.GET('/api/privacy/reviews/{review_id}', { params: { path: { review_id: toValue(id) } } })),
  })

/** Any change; afterwards everything of these pages is asked for again. */
export function usePrivacyChange() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSettled: () => client.invalidateQueries({ queryKey: ['privacy'] }),
  })
}

export const ask = (customer: string, kind: 'export' | 'erasure', why: string) => body(rest.POST('/api/privacy/requests', { body: { customer, kind, why } }))
export const stop = (id: string) => body(rest.POST('/api/privacy/requests/{request_id}/stop', of(id)))
export const resume = (id: string) => body(rest.POST('/api/privacy/requests/{request_id}/resume', of(id)))
export const withdraw = (id: string) => body(rest.POST('/api/privacy/requests/{request_id}/withdraw', of(id)))
export const hold = (customer: string, reason: string) => body(rest.POST('/api/privacy/holds', { body: { customer, reason } }))
export const lift = (hold_id: string) => body(rest.DELETE('/api/privacy/holds/{hold_id}', { params: { path: { hold_id } } }))
export const keepFor = (kind: string, days: number | null) => body(rest.PUT('/api/privacy/retention/{kind}', { params: { path: { kind } }, body: { days } }))
export const makeReview = () => body(rest.POST('/api/privacy/reviews'))
export const sign = (review_id: string, remarks: string) => body(rest.POST('/api/privacy/reviews/{review_id}/sign', { params: { path: { review_id } }, body: { remarks } }))

/** The archive goes straight to a file: the page never holds it as text. */
export async function download(id: string, purpose: Purpose): Promise<void> {
  const { data } = await rest.POST('/api/privacy/requests/{request_id}/archive', { ...of(id), body: { purpose }, parseAs: 'blob' })
  const url = URL.createObjectURL(data as unknown as Blob)
  const link = Object.assign(document.createElement('a'), { href: url, download: `holdfast-${id}.zip` })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
