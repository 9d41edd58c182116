/** The words of a folded text, and the cheap look at them that ordinary messages end at. */

import { EVERYDAY_BITS, isEveryday, LISTS, MASK, SPACED } from './lists'
import { count, frequencies, has, matches, pattern, words as wordsOf } from './rules'
import { allPrefixes } from './spelling'

/** Fewer in a row are everyday language; eleven are a phrase with one word left out or misspelt. */
export const LEAST = 11
/** Of eleven words that many are spelt right, and they lie that close together. */
export const LEAST_EXACT = 8
export const CLOSE = 13
const LEAST_TELLING = 3
export const LABEL_COUNT = 8
const LEAST_UNBROKEN = 33
const LEAST_SYLLABLES = 22

export interface Token {
  start: number
  end: number
  word: string
}

const WORD = pattern('tokens.WORD')
const NUMBERING = wordsOf('tokens.NUMBERING')
const POETRY = pattern('tokens.POETRY')
const SHORTENED = pattern('tokens.SHORTENED')
export const SUPPORT = wordsOf('support_words.SUPPORT')
const ORDINARY = new Set([...LISTS.english.everyday, ...SUPPORT])
const MAIN = SPACED.map((name) => LISTS[name]).filter((list) => !isEveryday(list))

/** Of a main list (x), of an everyday list (p) or both (b), an ordinary word of the main lists (o), four letters of a list word (a). */
const CLASSES = new Map<string, string>()
for (const prefix of allPrefixes()) CLASSES.set(prefix, 'a')
for (const [word, mask] of MASK) {
  const main = (mask & ~EVERYDAY_BITS) !== 0
  CLASSES.set(word, main && ORDINARY.has(word) ? 'o' : !(mask & EVERYDAY_BITS) ? 'x' : main ? 'b' : 'p')
}

/** Whether something that is no numbering ("1st", a letter of a list) stands in a piece of text. */
export const holdsWord = (text: string): boolean => has(WORD, text)

export function tokensOf(lower: string): Token[] {
  const tokens: Token[] = []
  for (const { 0: word, index } of matches(WORD, lower)) {
    if (!NUMBERING.has(word)) tokens.push({ start: index, end: index + word.length, word })
  }
  return tokens
}

/** Whether eight words of a list lie close together, three of which tell something. `listed`: their places. */
function closeTogether(listed: readonly number[], telling: (place: number) => boolean): boolean {
  const told = [0]
  for (const place of listed) told.push((told.at(-1) as number) + Number(telling(place)))
  return listed.some((first, at) => {
    const last = listed[at + LEAST_EXACT - 1]
    return last !== undefined && last - first < CLOSE && (told[at + LEAST_EXACT] as number) - (told[at] as number) >= LEAST_TELLING
  })
}

export function promising(words: readonly string[], listed: readonly number[]): boolean {
  return closeTogether(listed, (place) => !ORDINARY.has(words[place] as string))
}

export function places<T>(all: readonly T[], fits: (one: T) => boolean): number[] {
  const found: number[] = []
  all.forEach((one, place) => { if (fits(one)) found.push(place) })
  return found
}

function ofOneList(words: readonly string[]): boolean {
  const masks = words.map((word) => MASK.get(word) ?? 0)
  return MAIN.some((list) => promising(words, places(masks, (mask) => (mask & list.bit) !== 0)))
}

export function mayBeUnbroken(word: string): boolean {
  if (word < '\u0250') return word.length >= LEAST_UNBROKEN
  const first = word.charAt(0)
  return word.length >= LEAST_SYLLABLES && ((first >= '\u3041' && first <= '\u30fc') || (first >= '\uac00' && first <= '\ud7a3'))
}

/** Whether a closer look is worth it. */
export function mayHoldWords(lower: string): boolean {
  const all = lower.match(WORD) ?? []
  if (all.some(mayBeUnbroken)) return true
  if (all.length < LEAST_EXACT) return false
  const words = all.filter((word) => !NUMBERING.has(word))
  const classes = words.map((word) => CLASSES.get(word) ?? '.').join('')
  for (const { 0: run, index } of matches(POETRY, classes)) {
    if (new Set(words.slice(index, index + run.length)).size >= LEAST_EXACT) return true
  }
  for (const { 0: run } of matches(SHORTENED, classes)) if (count(run, (each) => each === 'a') >= 0.4 * run.length) return true
  const listed = places([...classes], (each) => each === 'x' || each === 'b' || each === 'o')
  if (listed.length >= LEAST_EXACT && closeTogether(listed, (place) => classes[place] !== 'o') && ofOneList(words)) return true
  const different = new Set(words).size
  // Eight equal words are seven too many; what they label are eight others.
  return Math.min(listed.length, different) >= LEAST_EXACT && words.length - different >= LABEL_COUNT - 1 &&
    (frequencies(words)[0]?.[1] ?? 0) >= LABEL_COUNT
}
