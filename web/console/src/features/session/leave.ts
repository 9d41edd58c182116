import type { QueryClient } from '@tanstack/vue-query'
import type { Router } from 'vue-router'
import { clearDrafts } from '@/features/conversations/drafts'
import { clearOutbox, stopLive } from '@/live/live'
import { api } from './api'

/** Signs out, and takes the customers' words off this computer. */
export async function leave(client: QueryClient, router: Router): Promise<void> {
  await api.signOut()
  clearDrafts()
  clearOutbox()
  stopLive()
  await router.replace({ name: 'sign-in' })
  client.clear()
}
