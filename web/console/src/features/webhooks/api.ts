import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import type { components } from '@shared/api/schema'

export type Webhook = components['schemas']['WebhookView']
export type Delivery = components['schemas']['DeliveryView']
export type WebhookInput = components['schemas']['WebhookInput']
export type WebhookEvent = WebhookInput['events'][number]

export const EVENTS: readonly WebhookEvent[] = [
  'conversation.opened', 'conversation.assigned', 'conversation.resolved', 'conversation.reopened',
  'conversation.emergency', 'conversation.rated', 'message.created', 'message.hidden', 'automation.rule', 'answer.unseen',
]

const of = (webhook_id: string) => ({ path: { webhook_id } })

export const useWebhooks = () => useQuery({ queryKey: ['webhooks'], queryFn: () => body(rest.GET('/api/webhooks')), refetchInterval: 5_000 })
export const useDeliveries = (id: MaybeRefOrGetter<string>) =>
  useInfiniteQuery({
    queryKey: computed(() => ['deliveries', toValue(id)]),
    queryFn: ({ pageParam }) => body(rest.GET('/api/webhooks/{webhook_id}/deliveries', { params: { ...of(toValue(id)), query: { before: pageParam } } })),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: 5_000,
    staleTime: 0,
  })

/** A change of webhooks; afterwards what was listed is asked for again. */
export function useWebhookChange() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSuccess: () => Promise.all(['webhooks', 'deliveries'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}

export const register = (input: WebhookInput) => body(rest.POST('/api/webhooks', { body: input }))
export const setActive = (id: string, active: boolean) => body(rest.PATCH('/api/webhooks/{webhook_id}', { params: of(id), body: { active } }))
export const renewSecret = (id: string) => body(rest.POST('/api/webhooks/{webhook_id}/secret', { params: of(id) }))
export const remove = (id: string) => body(rest.DELETE('/api/webhooks/{webhook_id}', { params: of(id) }))
export const sendTest = (id: string) => body(rest.POST('/api/webhooks/{webhook_id}/test', { params: of(id) }))
export const resend = (id: string, delivery_id: number) =>
  body(rest.POST('/api/webhooks/{webhook_id}/deliveries/{delivery_id}/resend', { params: { path: { webhook_id: id, delivery_id } } }))
