import { ref } from 'vue'

/** One thing tried at a time: busy while it runs, and what went wrong with it. */
export function useAttempt() {
  const busy = ref(false)
  const error = ref<unknown>(null)
  async function attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
    if (busy.value) return undefined
    busy.value = true
    error.value = null
    try {
      return await act()
    } catch (thrown) {
      error.value = thrown
      return undefined
    } finally {
      busy.value = false
    }
  }
  return { busy, error, attempt }
}
