/** Whether words that are being written hold a secret: told at once, and not kept in the draft. The server hides it anyway. */

import { onBeforeUnmount, ref, watch, type Ref } from 'vue'
import type { Kind } from '@shared/redaction/findings'

// A pause in writing (ms); shorter than the one after which a draft is kept.
const PAUSE = 150
// The shortest secret is four characters and what names it.
const SHORTEST = 8

// The word lists have 100 KB: they come with the first words that are written.
let engine: Promise<typeof import('@shared/redaction/redact')> | null = null

/** The kind of the first secret in the text, or null. */
export function useSecret(text: () => string): Ref<Kind | null> {
  const kind = ref<Kind | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = async (): Promise<void> => {
    const looked = text()
    try {
      engine ??= import('@shared/redaction/redact')
      const { findSecrets } = await engine
      if (looked === text()) kind.value = findSecrets(looked)[0]?.kind ?? null
    } catch {
      engine = null // offline: the next words try again
    }
  }
  watch(text, (now) => {
    clearTimeout(timer)
    if (now.length < SHORTEST) kind.value = null
    else timer = setTimeout(() => void look(), PAUSE)
  }, { immediate: true })
  onBeforeUnmount(() => clearTimeout(timer))
  return kind
}
