import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import { keys } from '@/live/cache'
import type { components } from '@shared/api/schema'

export type Mailbox = components['schemas']['MailboxView']
export type MailboxInput = components['schemas']['MailboxInput']
export type MailboxChanges = components['schemas']['MailboxChanges']
export type Letter = components['schemas']['LetterView']
export type Quarantined = components['schemas']['QuarantinedView']

export const useHealth = () => useQuery({ queryKey: ['mail', 'health'], queryFn: () => body(rest.GET('/api/mail/health')), refetchInterval: 10_000 })
export const useQuarantine = () => useQuery({ queryKey: ['mail', 'quarantine'], queryFn: () => body(rest.GET('/api/mail/quarantine')), refetchInterval: 10_000 })
/** How many letters wait to be decided. */
export function useWaitingLetters(enabled: MaybeRefOrGetter<boolean>) {
  const { data } = useQuery({ queryKey: ['mail', 'waiting'], queryFn: () => body(rest.GET('/api/mail/quarantine/count')), enabled: () => toValue(enabled), staleTime: 30_000, refetchInterval: 60_000 })
  return computed(() => data.value?.waiting ?? 0)
}

/** By which way the customer of a conversation is reached. The socket tells when it changes; what becomes of answers that
 *  go by letter, since their customer is away, is asked for by the one that `watches`. */
export const useWays = (id: MaybeRefOrGetter<string>, watches = false) =>
  useQuery({
    queryKey: computed(() => keys.ways(toValue(id))),
    queryFn: ({ signal }) => body(rest.GET('/api/mail/conversations/{conversation_id}', { params: { path: { conversation_id: toValue(id) } }, signal })),
    refetchInterval: (query) => watches && (query.state.data?.mail === 'on' && !query.state.data.here ? 5_000 : 60_000),
  })

/** A change; afterwards everything about mail is asked for again. */
export function useMailChange() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSuccess: () => client.invalidateQueries({ queryKey: ['mail'] }),
  })
}

export const add = (input: MailboxInput) => body(rest.POST('/api/mail/mailboxes', { body: input }))
export const change = (mailbox_id: string, changes: MailboxChanges) => body(rest.PATCH('/api/mail/mailboxes/{mailbox_id}', { params: { path: { mailbox_id } }, body: changes }))
export const tryOut = (mailbox_id: string) => body(rest.POST('/api/mail/mailboxes/{mailbox_id}/test', { params: { path: { mailbox_id } } }))
const of = (letter_id: string) => ({ params: { path: { letter_id } } })
export const read = (id: string) => body(rest.POST('/api/mail/quarantine/{letter_id}/read', of(id)))
export const admit = (id: string) => body(rest.POST('/api/mail/quarantine/{letter_id}/admit', of(id)))
export const discard = (id: string) => body(rest.POST('/api/mail/quarantine/{letter_id}/discard', of(id)))
