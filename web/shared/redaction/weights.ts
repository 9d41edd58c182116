/**
 * What a word says for a recovery phrase of a list, against everyday language: the natural logarithm of how much more often
 * it stands in the one than in the other.
 */

import { CHINESE, EVERY, HAN, isChinese, isLatin, LISTS, MASK, twinsOf, type WordList } from './lists'
import { count, number, row, total, words } from './rules'
import { allPrefixes, kept, NO_TYPO, prefixes } from './spelling'
import { LEAST_CUT, mayBeUnbroken, NUMBERING, NUMERALS, SUPPORT } from './tokens'
import { cover, mostGlued } from './unbroken'

export const JOINING = words('talk_words.JOINING')
export const NUMBERS = words('talk_words.NUMBERS')
export const TALK = words('talk_words.TALK')
export const OTHER = number('weights.OTHER')
export const JOINS = number('weights.JOINS')
export const SAID = number('weights.SAID')
/** A Chinese character that stands by itself. */
export const APART = number('weights.APART')
/** Chinese characters together that may be single words; a row of more is a sentence or unbroken. */
export const TOGETHER = number('weights.TOGETHER')
const EVERYDAY_ELSEWHERE = words('talk_words.EVERYDAY_ELSEWHERE')
const TELLING = number('weights.TELLING')
const EVERYDAY_WORD = number('weights.EVERYDAY_WORD')
const EVERYDAY_ABROAD = number('weights.EVERYDAY_ABROAD')
const OF_SUPPORT = number('weights.OF_SUPPORT')
const LEAST_WEIGHT = number('weights.LEAST_WEIGHT')
const AT_BEST = number('weights.AT_BEST')
const AT_BEST_JOINS = number('weights.AT_BEST_JOINS')
const AT_BEST_CUT = number('weights.AT_BEST_CUT')
const UNBROKEN = number('weights.UNBROKEN')
const GLUED = number('weights.GLUED')
const LIKELY = number('weights.LIKELY')
const FEWEST_EXACT = number('weights.FEWEST_EXACT')
const UNKNOWN = number('weights.UNKNOWN')
const AGAIN = number('weights.AGAIN')
const ZIPF = number('weights.ZIPF')
const FIRST = number('weights.FIRST')
const ZIPF_HAN = number('weights.ZIPF_HAN')
const FIRST_HAN = number('weights.FIRST_HAN')
const ENGLISH_LISTS = row('weights.ENGLISH_LISTS')
const BETWEEN: ReadonlySet<string> = new Set([...TALK, ...NUMBERS, ...NUMERALS, ...NUMBERING])

/** To six digits: the last ones of a logarithm are not the same everywhere. */
const rounded = (weight: number): number => Math.round(weight * 1e6) / 1e6

/** Of every word of the list. */
export const weights = kept((list): ReadonlyMap<string, number> => {
  if (!isChinese(list)) return new Map([...list.index.keys()].map((word) => [word, weightOf(word, list)]))
  const own = new Map([...list.index].map(([char, place]) => [char, rounded(Math.log((place + FIRST_HAN) / ZIPF_HAN))]))
  return new Map([...own, ...[...twinsOf(list)].map(([char, twin]): [string, number] => [char, own.get(twin) as number])])
})

function weightOf(word: string, list: WordList): number {
  let weight = TELLING
  const rank = LISTS.electrum_old.index.get(word)
  // The list is in the order of how often a word is written; ranks begin at one.
  if (rank !== undefined && ENGLISH_LISTS.includes(list.name)) weight = Math.min(TELLING, rounded(Math.log((rank + 1 + FIRST) / ZIPF)))
  else if (EVERYDAY_ELSEWHERE.has(word)) weight = EVERYDAY_ABROAD
  if (SUPPORT.has(word)) weight = Math.min(weight, OF_SUPPORT)
  if (LISTS.english.everyday.has(word) || NO_TYPO.has(word)) weight = Math.min(weight, EVERYDAY_WORD)
  return Math.max(LEAST_WEIGHT, weight)
}

/** Of Chinese characters together, on the list for which they say most. */
export function weightOfHan(chars: string): number {
  return Math.max(...CHINESE.map((name) => total([...chars].map((char) => weights(LISTS[name]).get(char) ?? OTHER))))
}

/** The same, with the first four letters of the longer ones. */
export const withCut = kept((list): ReadonlyMap<string, number> => {
  const most = new Map([...prefixes(list).keys()].map((prefix) => [prefix, AT_BEST_CUT]))
  for (const [word, weight] of weights(list)) most.set(word, weight)
  return most
})

/** The most that each word may weigh. */
function atBest(): ReadonlyMap<string, number> {
  const best = new Map<string, number>()
  const put = (words: Iterable<string>, weight: number): void => {
    for (const word of words) best.set(word, weight)
  }
  put(allPrefixes(), AT_BEST_CUT)
  put([...NUMBERS, ...TALK], 0)
  put(JOINING, AT_BEST_JOINS)
  put([...NUMERALS, ...NUMBERING], 0)
  const lists = EVERY.map(weights)
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

/** What the heaviest stretch weighs; it begins anew where everything so far speaks against a phrase. */
function heaviest(words: readonly string[], weigh: (word: string) => number): number {
  let most = 0
  let score = 0
  for (const word of words) {
    score = Math.max(0, score + weigh(word))
    most = Math.max(most, score)
  }
  return most
}

/** The most that a stretch of a text of these words may weigh, overestimated: the look that ordinary messages end at. Linear. */
export function glimpse(words: readonly string[]): number {
  const known = (best ??= atBest())
  const han = (bestHan ??= atBestHan())
  const seen = new Set<string>()
  return heaviest(words, (word) => {
    const weight = known.get(word)
    if (weight !== undefined) return weight
    const first = word.charAt(0)
    if (first >= '\u3400' && first <= '\u9fff') {
      return word.length > TOGETHER ? OTHER : total([...word].map((char) => APART + (han.get(char) ?? OTHER)))
    }
    if (mayBeUnbroken(word)) return UNBROKEN
    // What comes again may be a label, and stands for nothing.
    return firstTime(word, seen) ? GLUED * mostGlued(word) || AT_BEST : 0
  })
}

/** The lists of which a text of these words may hold a phrase. They are few, and mostly none. */
export function likelyLists(words: readonly string[]): WordList[] {
  if (glimpse(words) < LIKELY) return []
  const different = new Set(words)
  // Of all words: there are phrases of two different ones ("zoo", eleven times, and "wrong").
  const masks = words.map((word) => MASK.get(word) ?? HAN.get(word) ?? 0).filter(Boolean)
  const cut = count(different, (word) => allPrefixes().has(word)) >= LEAST_CUT
  const glued = [...different].filter((word) => mostGlued(word))
  if (masks.length < FEWEST_EXACT && !cut && !glued.length) return []
  return EVERY.filter((list) => {
    const several = new Map(isChinese(list) ? [] : glued.map((word) => [word, cover(word, list).length]))
    const exact = count(masks, (mask) => (mask & list.bit) !== 0) + total(several.values())
    const more = isChinese(list) ? APART : 0
    return (exact >= FEWEST_EXACT && stretch(words, weights(list), several, more) >= LIKELY) ||
      (cut && isLatin(list) && stretch(words, withCut(list), several) >= LIKELY)
  })
}

/**
 * The same of one list, where more stands between its words. `several`: how many that nothing parts a word is. `more`: what
 * each of its words weighs at best besides.
 */
function stretch(words: readonly string[], of: ReadonlyMap<string, number>, several: ReadonlyMap<string, number>, more = 0): number {
  const seen = new Set<string>()
  return heaviest(words, (word) => {
    const weight = GLUED * (several.get(word) ?? 0) || of.get(word)
    if (weight !== undefined) return weight + more
    if (BETWEEN.has(word)) return 0
    return firstTime(word, seen) ? UNKNOWN : AGAIN
  })
}

function firstTime(word: string, seen: Set<string>): boolean {
  if (seen.has(word)) return false
  seen.add(word)
  return true
}
