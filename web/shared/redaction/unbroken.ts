/** Recovery phrases without anything between their words, also within a longer row of letters. */

import { LATIN, LISTS, type ListName, type WordList } from './lists'
import { number } from './rules'
import { sizeOf, validWindows, type Phrase } from './sizes'
import { kept } from './spelling'
import { type Token } from './tokens'

const MOST_WORDS = number('unbroken.MOST_WORDS')
const LONGEST_WORD = number('unbroken.LONGEST_WORD')
const MOST_LETTERS = number('unbroken.MOST_LETTERS')
const MOST_COVERED = number('unbroken.MOST_COVERED')
const FEWEST = number('unbroken.FEWEST')
const ENOUGH = number('unbroken.ENOUGH')
const WORD_COSTS = number('unbroken.WORD_COSTS')
const LETTER_LEFT_OUT = number('unbroken.LETTER_LEFT_OUT')
const beginnings = kept((list): ReadonlySet<string> => new Set([...list.index.keys()].map((word) => word.slice(0, 2))))

function namesFor(word: string): readonly ListName[] {
  const first = word.charAt(0)
  if (first >= '\u3041' && first <= '\u30fc') return ['japanese']
  if (first >= '\uac00' && first <= '\ud7a3') return ['korean']
  return first < '\u0250' ? LATIN : []
}

/** Eleven list words or so without anything between them, with a letter wrong here and there. */
export function findUnbroken(token: Token): Phrase[] {
  let best: Chain | null = null
  let of: WordList | null = null
  for (const list of namesFor(token.word).map((name) => LISTS[name])) {
    const chain = heaviestChain(token.word.slice(0, MOST_LETTERS), list)
    if (chain.words.length >= FEWEST && chain.weight >= ENOUGH && (!best || chain.weight > best.weight)) [best, of] = [chain, list]
  }
  if (!best || !of) return []
  const words = best.words.map(({ word }) => word)
  const [first, last] = [best.words[0] as Link, best.words.at(-1) as Link]
  const end = last.place + last.word.length
  // Nothing is left out between them.
  const whole = end - first.place === words.join('').length
  const certain = whole && validWindows(words.slice(0, 4 * MOST_WORDS), of).length > 0
  return [{
    start: token.start + first.place, end: token.start + end, words: sizeOf(words.length, of), certainty: certain ? 'certain' : 'high',
  }]
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

/** The fewest list words, of three letters (Korean and Japanese: two syllables) or more, that together are the letters; none
 * when there are none. */
export function cover(letters: string, list: WordList): readonly string[] {
  const least = letters < '\u3041' ? 3 : 2
  if (letters.length < 2 * least || letters.length > MOST_COVERED) return []
  const best: (readonly string[] | undefined)[] = [[]]
  for (let place = 0; place < letters.length; place++) {
    const before = best[place]
    if (!before || !beginnings(list).has(letters.slice(place, place + 2))) continue
    for (let end = place + least; end <= Math.min(letters.length, place + LONGEST_WORD); end++) {
      const word = letters.slice(place, end)
      if (list.index.has(word) && before.length + 1 < (best[end]?.length ?? Infinity)) best[end] = [...before, word]
    }
  }
  return best[letters.length] ?? []
}
