/** What the outgoing filter says of a draft, a moment after the last key: the server decides again when it is sent. */

import { onBeforeUnmount, ref } from 'vue'
import { checkDraft } from './api'

const PAUSE = 500

export function useDraftCheck() {
  const stopped = ref<string | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest = 0
  /** `text` null: nothing that would go out. */
  function look(text: string | null): void {
    clearTimeout(timer)
    const mine = ++latest
    stopped.value = null
    if (!text?.trim()) return
    timer = setTimeout(() => {
      checkDraft(text).then(
        (found) => {
          if (mine === latest && found.id) stopped.value = found.link ? `${found.title}: ${found.link}` : (found.title ?? '')
        },
        () => undefined, // away: the server refuses the message itself
      )
    }, PAUSE)
  }
  onBeforeUnmount(() => clearTimeout(timer))
  return { stopped, look }
}
