/** Single-key commands. They match the physical key, so that Arabic and Russian layouts work, and can be switched off. */

import { onBeforeUnmount, onMounted, ref, watch } from 'vue'

const STORED = 'hf-single-keys'
/** WCAG 2.1.4: letters as commands can be turned off. Chords with ⌘, Ctrl or Alt stay. */
export const singleKeys = ref(localStorage.getItem(STORED) !== 'off')
watch(singleKeys, (on) => localStorage.setItem(STORED, on ? 'on' : 'off'))

/** The word for the command key in hints. */
export const commandKey = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl'
export const optionKey = commandKey === '⌘' ? '⌥' : 'Alt'

/** `KeyJ`, `Alt+KeyA`, `Mod+KeyK`, `Shift+Slash`, or a sequence such as `KeyG KeyI`. */
/** A key that means nothing at the moment (undefined, by a getter) is left to who bound it earlier. */
export type Bindings = Record<string, (() => void) | undefined>

const FIELDS = 'input, textarea, select, [contenteditable=""], [contenteditable="true"], [role="menu"], [role="listbox"]'
const SEQUENCE_WITHIN = 1200
const layers: Bindings[] = []
let leader: { code: string; at: number } | null = null

export function nameOf(event: KeyboardEvent): string {
  const parts: string[] = []
  if (event.metaKey || event.ctrlKey) parts.push('Mod')
  if (event.altKey) parts.push('Alt')
  if (event.shiftKey) parts.push('Shift')
  return [...parts, event.code].join('+')
}

/** @returns what the key means here, or null when it belongs to a field, a composition or nobody. */
export function meaning(event: KeyboardEvent, bindings: Bindings[], before: string | null, letters: boolean): (() => void) | null {
  if (event.isComposing || event.repeat && event.code.startsWith('Key')) return null
  const name = nameOf(event)
  const chord = event.metaKey || event.ctrlKey || event.altKey
  const writing = event.target instanceof Element && event.target.closest(FIELDS) !== null
  if (!chord && (writing || !letters)) return null
  // "?" lies elsewhere on other layouts: the sign itself counts as well.
  const names = [before ? `${before} ${name}` : null, name, event.key === '?' ? 'Shift+Slash' : null]
  for (const layer of [...bindings].reverse())
    for (const candidate of names) if (candidate && layer[candidate]) return layer[candidate]
  return null
}

function onKey(event: KeyboardEvent): void {
  const before = leader && Date.now() - leader.at < SEQUENCE_WITHIN ? leader.code : null
  const act = meaning(event, layers, before, singleKeys.value)
  leader = !before && nameOf(event) === 'KeyG' ? { code: 'KeyG', at: Date.now() } : null
  if (!act) return
  event.preventDefault()
  act()
}

/** Binds keys as long as the component lives; a later binding goes before an earlier one. */
export function useKeys(bindings: Bindings): void {
  onMounted(() => {
    if (!layers.length) addEventListener('keydown', onKey)
    layers.push(bindings)
  })
  onBeforeUnmount(() => {
    layers.splice(layers.indexOf(bindings), 1)
    if (!layers.length) removeEventListener('keydown', onKey)
  })
}
