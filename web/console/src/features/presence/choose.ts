import { useToast } from '@nuxt/ui/composables'
import { body, rest } from '@/api/client'
import { useProblem } from '@/components/problem'
import { setPresence } from '@/live/live'
import type { Presence } from '@shared/protocol'

/** Going online or away; a refusal is shown. */
export function useChoose() {
  const toast = useToast()
  const { of } = useProblem()
  return async (chosen: Presence['chosen']): Promise<void> => {
    try {
      setPresence((await body(rest.PUT('/api/me/presence', { body: { chosen } }))) as Presence)
    } catch (error) {
      toast.add({ title: of(error), color: 'warning' })
    }
  }
}
