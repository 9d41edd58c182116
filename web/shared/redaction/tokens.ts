/** The words of a folded text. */

import { matches, number, pattern, words } from './rules'

/** Fewer in a row are everyday language; eleven are a phrase with one word left out or misspelt. */
export const LEAST = number('tokens.LEAST')
/** Of eleven words that many are cut to four letters, where words are cut. */
export const LEAST_CUT = number('tokens.LEAST_CUT')
const LEAST_UNBROKEN = number('tokens.LEAST_UNBROKEN')
const LEAST_SYLLABLES = number('tokens.LEAST_SYLLABLES')
const WORD = pattern('tokens.WORD')
export const NUMBERING = words('tokens.NUMBERING')
export const NUMERALS = words('tokens.NUMERALS')
export const SUPPORT = words('support_words.SUPPORT')

export interface Token {
  start: number
  end: number
  word: string
}

/** All words, also those that number others. */
export const wordsIn = (lower: string): string[] => [...matches(WORD, lower)].map((match) => match[0])

export function tokensOf(lower: string): Token[] {
  const tokens: Token[] = []
  for (const { 0: word, index } of matches(WORD, lower)) {
    if (!NUMBERING.has(word)) tokens.push({ start: index, end: index + word.length, word })
  }
  return tokens
}

export function places<T>(all: readonly T[], fits: (one: T) => boolean): number[] {
  const found: number[] = []
  all.forEach((one, place) => { if (fits(one)) found.push(place) })
  return found
}

export function mayBeUnbroken(word: string): boolean {
  if (word < '\u0250') return word.length >= LEAST_UNBROKEN
  const first = word.charAt(0)
  return word.length >= LEAST_SYLLABLES && ((first >= '\u3041' && first <= '\u30fc') || (first >= '\uac00' && first <= '\ud7a3'))
}
