import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import type { components } from '@shared/api/schema'

type Schemas = components['schemas']
export type Rota = Schemas['RotaView']
export type Layer = Schemas['LayerView']
export type DutyView = Schemas['DutyView']
export type Duty = DutyView['duty']
export type Step = Schemas['PolicyStep']
export type Person = Schemas['PersonView']
export type Page = Schemas['PageView']
export type PageLog = Schemas['PageLog']
export type Contact = Schemas['ContactView']
export type ContactKind = Contact['kind']
export type Provider = Schemas['PagingProviderView']

const EVERY = 15_000

export const useOnCall = () => useQuery({ queryKey: ['on-call'], queryFn: () => body(rest.GET('/api/paging/on-call')), refetchInterval: EVERY })
export const useRotas = () => useQuery({ queryKey: ['rotas'], queryFn: () => body(rest.GET('/api/paging/rotas')) })
export const usePages = (enabled: MaybeRefOrGetter<boolean> = true) =>
  useQuery({ queryKey: ['pages'], queryFn: () => body(rest.GET('/api/pages')), enabled: () => toValue(enabled), refetchInterval: EVERY })
export const usePageLog = (id: MaybeRefOrGetter<string>) =>
  useQuery({ queryKey: computed(() => ['page', toValue(id)]), queryFn: () => body(rest.GET('/api/pages/{page_id}', { params: { path: { page_id: toValue(id) } } })), refetchInterval: 5_000 })
export const useContacts = () => useQuery({ queryKey: ['contacts'], queryFn: () => body(rest.GET('/api/me/contacts')) })
export const useProviders = (enabled: MaybeRefOrGetter<boolean>) =>
  useQuery({ queryKey: ['providers'], queryFn: () => body(rest.GET('/api/paging/providers')), enabled: () => toValue(enabled) })

/** Pages that nobody has. */
export function useOpenPages(enabled: MaybeRefOrGetter<boolean>) {
  const { data } = usePages(enabled)
  return computed(() => data.value?.filter((page) => page.state === 'open' && !page.agent_id).length ?? 0)
}

/** A change of who is on call, how, or of a page; afterwards what was listed is asked for again. */
export function usePagingChange() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSettled: () => Promise.all(['on-call', 'rotas', 'pages', 'page', 'contacts', 'providers'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}

export const saveRota = (id: string | null, name: string, layers: Layer[]) =>
  id === null ? body(rest.POST('/api/paging/rotas', { body: { name, layers } })) : body(rest.PUT('/api/paging/rotas/{rota_id}', { params: { path: { rota_id: id } }, body: { name, layers } }))
export const removeRota = (rota_id: string) => body(rest.DELETE('/api/paging/rotas/{rota_id}', { params: { path: { rota_id } } }))
export const addOverride = (rota_id: string, agent_id: string, starts_at: string, ends_at: string) =>
  body(rest.POST('/api/paging/rotas/{rota_id}/overrides', { params: { path: { rota_id } }, body: { agent_id, starts_at, ends_at } }))
export const removeOverride = (override_id: string) => body(rest.DELETE('/api/paging/overrides/{override_id}', { params: { path: { override_id } } }))
export const savePolicy = (duty: Duty, steps: Step[]) => body(rest.PUT('/api/paging/policies/{duty}', { params: { path: { duty } }, body: { steps } }))
export const acknowledge = (page_id: string, minutes: number) => body(rest.POST('/api/pages/{page_id}/acknowledge', { params: { path: { page_id } }, body: { minutes } }))
export const resolve = (page_id: string) => body(rest.POST('/api/pages/{page_id}/resolve', { params: { path: { page_id } } }))
export const addContact = (kind: ContactKind, address: string, after_minutes: number, secret: string | null = null) => body(rest.POST('/api/me/contacts', { body: { kind, address, after_minutes, secret } }))
export const confirmContact = (contact_id: string, code: string) => body(rest.POST('/api/me/contacts/{contact_id}/confirm', { params: { path: { contact_id } }, body: { code } }))
export const sendCode = (contact_id: string) => body(rest.POST('/api/me/contacts/{contact_id}/code', { params: { path: { contact_id } } }))
export const removeContact = (contact_id: string) => body(rest.DELETE('/api/me/contacts/{contact_id}', { params: { path: { contact_id } } }))
export const pageMyself = () => body(rest.POST('/api/me/contacts/test'))
export const nameProvider = (kind: Provider['kind'], url: string) => body(rest.PUT('/api/paging/providers/{kind}', { params: { path: { kind } }, body: { url } }))
export const dropProvider = (kind: Provider['kind']) => body(rest.DELETE('/api/paging/providers/{kind}', { params: { path: { kind } } }))
