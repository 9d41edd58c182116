/** Where among list words a whole phrase may lie. */

import { electrum, right } from './checksums'
import type { Certainty } from './findings'
import type { WordList } from './lists'
import { number } from './rules'

/** `start` and `end` in the folded text. */
export interface Phrase {
  start: number
  end: number
  words: number
  certainty: Certainty
}

// More words in a row than two phrases have; if they repeat as well, they are none.
const MANY = number('sizes.MANY')

/** The length of phrase that `count` words make: words beside it and a missing one are not counted. */
export function sizeOf(count: number, list: WordList): number {
  return list.sizes.find((size) => size <= count) ?? (list.sizes.at(-1) as number)
}

/** First and last+1 of the stretches whose checksum is right, longest first. */
export function validWindows(words: readonly string[], list: WordList): [number, number][] {
  if (words.length > MANY && new Set(words).size < 0.25 * words.length) return []
  const windows: [number, number][] = []
  const look = (size: number, from: number, valid: typeof right): void => {
    for (let first = from; first + size <= words.length; first++) {
      if (valid(words.slice(first, first + size), list)) windows.push([first, first + size])
    }
  }
  for (const size of list.sizes) look(size, 0, right)
  if (!windows.length && list.name !== 'slip39') {
    // Up to three words introduce it. More places would be more chances to be right by accident (1 in 235).
    for (const size of [24, 12]) if (words.length - size <= 3) look(size, 0, electrum)
  }
  return windows
}
