/** What can be done with a conversation. Each act answers with the new row, or is followed by one on the socket. */

import { useToast } from '@nuxt/ui/composables'
import { useQueryClient } from '@tanstack/vue-query'
import { ref, toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import { useProblem } from '@/components/problem'
import { applyRow, keys } from '@/live/cache'
import type { Row } from '@shared/protocol'

export function useActions(id: MaybeRefOrGetter<string>) {
  const client = useQueryClient()
  const toast = useToast()
  const { of } = useProblem()
  const busy = ref<string | null>(null)
  const params = () => ({ path: { conversation_id: toValue(id) } })

  /** @returns whether it was done; a refusal is shown. */
  async function act(name: string, call: () => Promise<{ data?: Row | undefined }>): Promise<boolean> {
    if (busy.value) return false
    busy.value = name
    const conversation = toValue(id)
    try {
      const row = await body(call())
      if (row) applyRow(client, row)
      else await client.invalidateQueries({ queryKey: keys.detail(conversation) })
      return true
    } catch (error) {
      toast.add({ title: of(error), color: 'warning' })
      return false
    } finally {
      busy.value = null
    }
  }

  return {
    busy,
    take: () => act('take', () => rest.POST('/api/conversations/{conversation_id}/take', { params: params() })),
    resolve: () => act('resolve', () => rest.POST('/api/conversations/{conversation_id}/resolve', { params: params() })),
    reopen: () => act('reopen', () => rest.POST('/api/conversations/{conversation_id}/reopen', { params: params() })),
    release: () => act('release', () => rest.POST('/api/conversations/{conversation_id}/release', { params: params() })),
    transfer: (to: { queue?: string; agent?: string }) => act('transfer', () => rest.POST('/api/conversations/{conversation_id}/transfer', { params: params(), body: to })),
    tags: (tags: string[]) => act('tags', () => rest.PUT('/api/conversations/{conversation_id}/tags', { params: params(), body: { tags } })),
    topic: (topic: string) => act('topic', () => rest.PUT('/api/conversations/{conversation_id}/topic', { params: params(), body: { topic } })),
    priority: (priority: number) => act('priority', () => rest.PUT('/api/conversations/{conversation_id}/priority', { params: params(), body: { priority } })),
    language: (language: string) => act('language', () => rest.PUT('/api/conversations/{conversation_id}/language', { params: params(), body: { language } })),
  }
}
