/** Commands of the palette: what is on the screen says what it can do. */

import { onBeforeUnmount, onMounted, shallowReactive, type ComputedRef } from 'vue'

export interface Command {
  id: string
  label: string
  icon: string
  kbds?: string[]
  run: () => void
}

const sources = shallowReactive(new Map<string, ComputedRef<Command[]>>())

/** Offers commands under a heading (a key of the catalogues) as long as the component lives. */
export function useCommands(heading: string, commands: ComputedRef<Command[]>): void {
  onMounted(() => sources.set(heading, commands))
  onBeforeUnmount(() => sources.delete(heading))
}

export const commandSources = sources
