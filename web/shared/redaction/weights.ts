/**
 * What a word says for a recovery phrase of a list, against everyday language: the natural logarithm of how much more often
 * it stands in the one than in the other.
 */

import { CHINESE, HAN, LISTS, MASK, type WordList } from './lists'
import { matches, number, pattern, row, words } from './rules'
import { allPrefixes, kept, NO_TYPO } from './spelling'
import { mayBeUnbroken, NUMBERING, NUMERALS, SUPPORT } from './tokens'

export const JOINING = words('talk_words.JOINING')
export const NUMBERS = words('talk_words.NUMBERS')
export const TALK = words('talk_words.TALK')
export const OTHER = number('weights.OTHER')
export const JOINS = number('weights.JOINS')
export const SAID = number('weights.SAID')
/** A Chinese character that stands by itself. */
export const APART = number('weights.APART')
const EVERYDAY_ELSEWHERE = words('talk_words.EVERYDAY_ELSEWHERE')
const TELLING = number('weights.TELLING')
const EVERYDAY_WORD = number('weights.EVERYDAY_WORD')
const EVERYDAY_ABROAD = number('weights.EVERYDAY_ABROAD')
const OF_SUPPORT = number('weights.OF_SUPPORT')
const LEAST_WEIGHT = number('weights.LEAST_WEIGHT')
const AT_BEST = number('weights.AT_BEST')
const AT_BEST_CUT = number('weights.AT_BEST_CUT')
const UNBROKEN = number('weights.UNBROKEN')
const GLUED = number('weights.GLUED')
const ZIPF = number('weights.ZIPF')
const FIRST = number('weights.FIRST')
const ZIPF_HAN = number('weights.ZIPF_HAN')
const FIRST_HAN = number('weights.FIRST_HAN')
const ENGLISH_LISTS = row('weights.ENGLISH_LISTS')
const WORD = pattern('tokens.WORD')

/** Of every word of the list. */
export const weights = kept((list): ReadonlyMap<string, number> => {
  const of = CHINESE.some((name) => name === list.name)
    ? (_: string, place: number): number => Math.log((place + FIRST_HAN) / ZIPF_HAN)
    : (word: string): number => weightOf(word, list)
  return new Map([...list.index].map(([word, place]) => [word, of(word, place)]))
})

function weightOf(word: string, list: WordList): number {
  let weight = TELLING
  const rank = LISTS.electrum_old.index.get(word)
  // The list is in the order of how often a word is written; ranks begin at one.
  if (rank !== undefined && ENGLISH_LISTS.includes(list.name)) weight = Math.min(TELLING, Math.log((rank + 1 + FIRST) / ZIPF))
  else if (EVERYDAY_ELSEWHERE.has(word)) weight = EVERYDAY_ABROAD
  if (SUPPORT.has(word)) weight = Math.min(weight, OF_SUPPORT)
  if (LISTS.english.everyday.has(word) || NO_TYPO.has(word)) weight = Math.min(weight, EVERYDAY_WORD)
  return Math.max(LEAST_WEIGHT, weight)
}

/** The most that each word may weigh. */
function atBest(): ReadonlyMap<string, number> {
  const best = new Map<string, number>()
  for (const prefix of allPrefixes()) best.set(prefix, AT_BEST_CUT)
  for (const words of [JOINING, NUMBERS, TALK, NUMERALS, NUMBERING]) for (const word of words) best.set(word, 0)
  const lists = Object.values(LISTS).map(weights)
  for (const word of MASK.keys()) best.set(word, Math.max(0, ...lists.map((of) => of.get(word) ?? 0)))
  return best
}

function atBestHan(): ReadonlyMap<string, number> {
  const lists = CHINESE.map((name) => weights(LISTS[name]))
  return new Map([...HAN.keys()].map((char) => [char, Math.max(...lists.map((of) => of.get(char) ?? LEAST_WEIGHT))]))
}

// Made at the first look: the page does not wait for them.
let best: ReadonlyMap<string, number> | null = null
let bestHan: ReadonlyMap<string, number> | null = null

/** The most that a stretch of the text may weigh, overestimated: the look that ordinary messages end at. Linear. */
export function glimpse(lower: string): number {
  best ??= atBest()
  let most = 0
  let score = 0
  const add = (weight: number): void => {
    score = Math.max(0, score + weight)
    most = Math.max(most, score)
  }
  for (const { 0: word } of matches(WORD, lower)) {
    const weight = best.get(word)
    const first = word.charAt(0)
    if (weight !== undefined) add(weight)
    else if (first >= '\u3400' && first <= '\u9fff') {
      bestHan ??= atBestHan()
      for (const char of word) add(APART + (bestHan.get(char) ?? OTHER))
    } else add(word.length < GLUED ? AT_BEST : mayBeUnbroken(word) ? UNBROKEN : TELLING)
  }
  return most
}
