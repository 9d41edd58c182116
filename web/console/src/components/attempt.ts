/** Tries what somebody asked for: whether it was done. What stood against it is told in the corner of the page. */

import { useToast } from '@nuxt/ui/composables'
import { useProblem } from './problem'

export function useAttempt() {
  const { of } = useProblem()
  const toast = useToast()
  return async (act: () => Promise<unknown>): Promise<boolean> => {
    try {
      await act()
      return true
    } catch (error) {
      toast.add({ title: of(error), color: 'warning' })
      return false
    }
  }
}
