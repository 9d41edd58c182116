import { ref } from 'vue'
import type { Unsent } from '@/live/outbox'

/** An unsent message that its author took back; the composer of its conversation puts it into the draft. */
export const returned = ref<Unsent | null>(null)
