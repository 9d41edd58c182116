/** One ticking second for every clock on the page, on the server's time. */

import { computed, readonly, ref, type ComputedRef } from 'vue'

const skew = ref(0)
const tick = ref(Date.now())
setInterval(() => (tick.value = Date.now()), 1000)

/** Takes the server's own time from a response. Under 5 s it is the network, not a wrong clock. */
export function learnServerTime(date: string | null): void {
  const at = date ? Date.parse(date) : NaN
  if (Number.isNaN(at)) return
  const off = at - Date.now()
  skew.value = Math.abs(off) > 5000 ? off : 0
}

export const serverNow = (): number => Date.now() + skew.value
export const localNow = readonly(tick)
/** ms on the server's clock, changes each second */
export const now: ComputedRef<number> = computed(() => tick.value + skew.value)
