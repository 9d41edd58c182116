/** Server data of the inbox and of one conversation; the socket keeps them fresh. */

import { skipToken, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, onBeforeUnmount, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import { keys } from '@/live/cache'
import { follow, unfollow } from '@/live/live'
import { emptyCounters, mergeOlder, type Inbox, type Timeline } from '@/live/merge'
import type { View } from './groups'

const PAGE = 50
const of = (conversation_id: string) => ({ path: { conversation_id } })

/** What the socket delivered; undefined until the first snapshot. */
export function useInbox() {
  const { data: inbox } = useQuery<Inbox>({ queryKey: keys.inbox, queryFn: skipToken, staleTime: Infinity, gcTime: Infinity })
  return {
    inbox,
    rows: computed(() => Object.values(inbox.value?.rows ?? {})),
    counters: computed(() => inbox.value?.counters ?? emptyCounters),
    offers: computed(() => inbox.value?.offers ?? []),
  }
}

/** A list asked of the server: everything open, what is resolved, or a search. */
export function useList(view: MaybeRefOrGetter<View>, filter: MaybeRefOrGetter<{ language?: string; text?: string }>, enabled: MaybeRefOrGetter<boolean>) {
  return useInfiniteQuery({
    queryKey: computed(() => keys.list(toValue(view), toValue(filter))),
    queryFn: ({ pageParam, signal }) => {
      const { text, language } = toValue(filter)
      // What is searched for may be somebody's address: it stands in no URL.
      if (text) return body(rest.POST('/api/conversations/search', { body: { text, resolved: toValue(view) === 'resolved' }, signal }))
      return body(rest.GET('/api/conversations', { params: { query: { view: toValue(view), language, before: pageParam, limit: PAGE } }, signal }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled: () => toValue(enabled),
  })
}

export function useDetail(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => keys.detail(toValue(id))),
    queryFn: ({ signal }) => body(rest.GET('/api/conversations/{conversation_id}', { params: of(toValue(id)), signal })),
    // Each look is written to the audit log: the socket keeps it fresh, not asking again.
    staleTime: 5 * 60_000,
  })
}

/** The timeline: the latest page by REST, everything later by the socket, exactly once by seq. */
export function useTimeline(id: MaybeRefOrGetter<string>) {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: computed(() => keys.timeline(toValue(id))),
    queryFn: async ({ signal }): Promise<Timeline> => {
      const page = await body(rest.GET('/api/conversations/{conversation_id}/timeline', { params: { ...of(toValue(id)), query: { limit: PAGE } }, signal }))
      return mergeOlder(undefined, page.entries, page.first)
    },
    staleTime: Infinity,
  })
  const ready = computed(() => (query.data.value ? toValue(id) : null))
  watch(ready, (conversation, before) => {
    if (before) unfollow(before)
    if (conversation) follow(conversation, () => client.getQueryData<Timeline>(keys.timeline(conversation))?.applied ?? 0)
  }, { immediate: true })
  onBeforeUnmount(() => ready.value && unfollow(ready.value))

  async function older(): Promise<void> {
    const conversation = toValue(id)
    const before = query.data.value?.entries[0]?.seq
    if (!before) return
    const page = await body(rest.GET('/api/conversations/{conversation_id}/timeline', { params: { ...of(conversation), query: { before, limit: PAGE } } }))
    client.setQueryData<Timeline>(keys.timeline(conversation), (held) => held && mergeOlder(held, page.entries, page.first))
  }
  return { ...query, older }
}

const RARELY = { staleTime: 10 * 60_000 }
export const useQueues = () => useQuery({ queryKey: ['queues'], queryFn: () => body(rest.GET('/api/queues')), ...RARELY })
export const useTopics = () => useQuery({ queryKey: ['topics'], queryFn: () => body(rest.GET('/api/topics')), ...RARELY })
export const useWhy = (id: MaybeRefOrGetter<string>, enabled: MaybeRefOrGetter<boolean>) =>
  useQuery({
    queryKey: computed(() => ['why', toValue(id)]),
    queryFn: ({ signal }) => body(rest.GET('/api/conversations/{conversation_id}/why', { params: of(toValue(id)), signal })),
    enabled: () => toValue(enabled),
    staleTime: 0,
  })
