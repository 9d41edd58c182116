/** Recovery phrases without anything between their words, also within a longer row of letters. */

import type { Certainty } from './findings'
import { LATIN, LISTS, MASK, SPACED, type ListName, type WordList } from './lists'
import { number, total, words as wordsOf } from './rules'
import { sizeOf, validWindows, type Phrase } from './sizes'
import { kept, nearest, PREFIX } from './spelling'
import { type Token } from './tokens'

const MOST_WORDS = number('unbroken.MOST_WORDS')
const LONGEST_WORD = number('unbroken.LONGEST_WORD')
const MOST_LETTERS = number('unbroken.MOST_LETTERS')
const MOST_COVERED = number('unbroken.MOST_COVERED')
const FEWEST_LETTERS = number('unbroken.FEWEST_LETTERS')
const FEWEST_SYLLABLES = number('unbroken.FEWEST_SYLLABLES')
const FEWEST = number('unbroken.FEWEST')
const ENOUGH = number('unbroken.ENOUGH')
// Fewer, with letters wrong between them.
const FEWEST_DOUBTFUL = number('unbroken.FEWEST_DOUBTFUL')
const ENOUGH_DOUBTFUL = number('unbroken.ENOUGH_DOUBTFUL')
// Words cut to four letters, as on plates of metal, that are nearly all of a row.
const FEWEST_CUT = number('unbroken.FEWEST_CUT')
const CUT_SHARE = number('unbroken.CUT_SHARE')
const WORD_COSTS = number('unbroken.WORD_COSTS')
const LETTER_LEFT_OUT = number('unbroken.LETTER_LEFT_OUT')
export const COMPOUNDS = wordsOf('things.COMPOUNDS')
const beginnings = kept((list): ReadonlySet<string> => new Set([...list.index.keys()].map((word) => word.slice(0, 2))))
const isKana = (word: string): boolean => word >= '\u3041' && word.charAt(0) <= '\u30fc'
const isHangul = (word: string): boolean => word >= '\uac00' && word.charAt(0) <= '\ud7a3'

function namesFor(word: string): readonly ListName[] {
  if (isKana(word)) return ['japanese']
  if (isHangul(word)) return ['korean']
  return word < '\u0250' ? LATIN : []
}

/** Eleven list words or so without anything between them, with a letter wrong here and there. */
export function findUnbroken(token: Token): Phrase[] {
  let best: Chain | null = null
  let of: WordList | null = null
  const names = namesFor(token.word)
  for (const list of names.map((name) => LISTS[name])) {
    const chain = heaviestChain(token.word.slice(0, MOST_LETTERS), list)
    const many = chain.words.length >= FEWEST_DOUBTFUL && chain.weight >= ENOUGH_DOUBTFUL
    const fits = chain.words.length >= FEWEST || token.word.length <= MOST_COVERED
    if (many && fits && (!best || chain.weight > best.weight)) [best, of] = [chain, list]
  }
  if (!best || !of) {
    const size = cutWords(token.word, names)
    return size ? [{ start: token.start, end: token.end, words: size, certainty: 'high' }] : []
  }
  const words = best.words.map(({ word }) => word)
  const [first, last] = [best.words[0] as Link, best.words.at(-1) as Link]
  let [start, end] = [first.place, last.place + last.word.length]
  const letters = total(words.map((word) => word.length))
  // Nothing is left out between them.
  const whole = end - start === letters
  const certain = whole && validWindows(words.slice(0, 4 * MOST_WORDS), of).length > 0
  // What is left of the row are misspelt words of it.
  if (2 * letters >= token.word.length) [start, end] = [0, token.word.length]
  const doubtful = words.length < FEWEST || best.weight < ENOUGH
  const certainty: Certainty = doubtful ? 'ambiguous' : certain ? 'certain' : 'high'
  return [{ start: token.start + start, end: token.start + end, words: sizeOf(words.length, of), certainty }]
}

const cutOf = kept((list): ReadonlySet<string> => new Set([...list.index.keys()].map((word) => word.slice(0, PREFIX))))

/** How many words of one list a row of letters is, each cut to its first four; 0 when it is none. */
function cutWords(letters: string, names: readonly ListName[]): number {
  if (letters.length < 4 * FEWEST_CUT - PREFIX || letters.length > MOST_WORDS * PREFIX) return 0
  for (const list of names.filter((name) => LATIN.includes(name)).map((name) => LISTS[name])) {
    const cut = cutOf(list)
    // For each place: the most pieces that are words, less those that are none.
    const best = [0, ...new Array<number>(letters.length + PREFIX).fill(-letters.length)]
    const bestAt = (place: number): number => best[place] as number
    for (let place = 0; place < letters.length - 2; place++) {
      for (const size of [PREFIX - 1, PREFIX]) {
        const hit = cut.has(letters.slice(place, place + size))
        if (hit || size === PREFIX) best[place + size] = Math.max(bestAt(place + size), bestAt(place) + (hit ? 1 : -1))
      }
    }
    // The server rounds a half to the even number.
    const exact = letters.length / PREFIX
    const many = exact % 2 === 0.5 ? Math.floor(exact) : Math.round(exact)
    if (bestAt(letters.length) >= Math.max(FEWEST_CUT - 1, CUT_SHARE * many)) return sizeOf(many, list)
  }
  return 0
}

interface Link {
  place: number
  word: string
}

interface Chain {
  weight: number
  words: readonly Link[]
}

/** The list words, each with its place, that make up most of a row of letters, and what they weigh. */
function heaviestChain(letters: string, list: WordList): Chain {
  const letter = letters < '\u3041' ? 1 : 2
  // For each place: what the best row weighs that ends here, and its last word; nothing weighs 0.
  const weights = new Array<number>(letters.length + 1).fill(0)
  const last = new Array<string>(letters.length + 1).fill('')
  const weightAt = (place: number): number => weights[place] as number
  for (let place = 0; place < letters.length; place++) {
    if (weightAt(place) > LETTER_LEFT_OUT + weightAt(place + 1)) {
      weights[place + 1] = weightAt(place) - LETTER_LEFT_OUT
      last[place + 1] = letters.charAt(place)
    }
    if (!beginnings(list).has(letters.slice(place, place + 2))) continue
    for (let end = place + 2; end <= Math.min(letters.length, place + LONGEST_WORD); end++) {
      const word = letters.slice(place, end)
      const weight = weightAt(place) + letter * word.length - WORD_COSTS
      if (weight > weightAt(end) && list.index.has(word)) {
        weights[end] = weight
        last[end] = word
      }
    }
  }
  let end = 0
  weights.forEach((weight, place) => { if (weight > weightAt(end)) end = place })
  const weight = weightAt(end)
  const words: Link[] = []
  while (weightAt(end) > 0) {
    const word = last[end] as string
    end -= word.length
    // No list has words of one letter.
    if (word.length > 1) words.push({ place: end, word })
  }
  return { weight, words: words.reverse() }
}

/** Letters, and syllables of Korean and Japanese, of the shortest of several words that nothing parts. */
const leastOf = (letters: string): number => (letters < '\u3041' ? 3 : 2)

/** Whether a word that is none of a list may be several that nothing parts. */
export function mayBeGlued(word: string): boolean {
  if (MASK.has(word)) return false
  if (word < '\u0250') return word.length >= FEWEST_LETTERS && anyBeginnings().has(word.slice(0, 2)) && !COMPOUNDS.has(word)
  return word.length >= FEWEST_SYLLABLES && (isKana(word) || isHangul(word))
}

let any: ReadonlySet<string> | null = null

function anyBeginnings(): ReadonlySet<string> {
  return (any ??= new Set(LATIN.flatMap((name) => [...beginnings(LISTS[name])])))
}

/** How many words of one list a word is made of, at most: 0 when it is not. */
export function mostGlued(word: string): number {
  // Words of different lists first: nearly all words of prose end here.
  if (!mayBeGlued(word) || !coverOf(word, MASK, anyBeginnings()).length) return 0
  return Math.max(...SPACED.map((name) => cover(word, LISTS[name]).length))
}

/** The fewest list words, of three letters (Korean and Japanese: two syllables) or more, that together are the letters; none
 * when there are none. */
export const cover = (letters: string, list: WordList): readonly string[] => coverOf(letters, list.index, beginnings(list))

interface Index {
  has(word: string): boolean
}

function coverOf(letters: string, index: Index, begins: Index): readonly string[] {
  const spaced = letters >= '\u3041'
  const least = leastOf(letters)
  if (letters.length < 2 * least || letters.length > MOST_COVERED) return []
  const best: (readonly string[] | undefined)[] = [[]]
  for (let place = 0; place <= letters.length - least; place++) {
    const before = best[place]
    if (!before || !(spaced || begins.has(letters.slice(place, place + 2)))) continue
    for (let end = place + least; end <= Math.min(letters.length, place + LONGEST_WORD); end++) {
      const word = letters.slice(place, end)
      if (index.has(word) && before.length + 1 < (best[end]?.length ?? Infinity)) best[end] = [...before, word]
    }
  }
  return best[letters.length] ?? []
}

const backwards = (word: string): string => [...word].reverse().join('')
const allBackwards = kept((list): ReadonlySet<string> => new Set([...list.index.keys()].map(backwards)))

/** List words that together are the letters, one of them misspelt, which stands as it should be; none when there are none. */
export function coverWithSlip(letters: string, list: WordList): readonly string[] {
  if (!mayBeGlued(letters) || letters.length > MOST_COVERED) return []
  const least = leastOf(letters)
  const before = reached(letters, list.index, least)
  const behind = reached(backwards(letters), allBackwards(list), least)
  for (const [start, words] of before) {
    for (const [left, others] of behind) {
      const misspelt = letters.slice(start, letters.length - left)
      if (misspelt.length < least || !(words.length || others.length)) continue
      const meant = nearest(misspelt, list)
      if (meant !== null) return [...words, meant, ...others.map(backwards).reverse()]
    }
  }
  return []
}

/** The places that list words from the beginning lead to, the farthest first, with these. */
function reached(letters: string, index: Index, least: number): [number, readonly string[]][] {
  const found = new Map<number, readonly string[]>([[0, []]])
  for (let place = 0; place < letters.length - least; place++) {
    const before = found.get(place)
    if (!before) continue
    for (let end = place + least; end <= Math.min(letters.length, place + LONGEST_WORD); end++) {
      const word = letters.slice(place, end)
      if (!found.has(end) && index.has(word)) found.set(end, [...before, word])
    }
  }
  return [...found].sort(([one], [other]) => other - one)
}
