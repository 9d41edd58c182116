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

/** What Python takes for digits, of what is left when a text is folded: also those with a circle, brackets or a full stop. */
export const DIGIT = /[\p{Nd}\u1369-\u1371\u19da\u2474-\u247c\u2488-\u2490\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792]/u

/** All words, also those that number others. */
export const wordsIn = (lower: string): string[] => [...matches(WORD, lower)].map((match) => match[0])

/** The same with their places. */
export function allTokensOf(lower: string): Token[] {
  return [...matches(WORD, lower)].map(({ 0: word, index }) => ({ start: index, end: index + word.length, word }))
}

export const tokensOf = (lower: string): Token[] => allTokensOf(lower).filter(({ word }) => !NUMBERING.has(word))

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
