/** Recovery phrases without anything between their words, also within a longer row of letters. */

import { isEveryday, LATIN, LISTS, type ListName, type WordList } from './lists'
import { number } from './rules'
import { sizeOf, validWindows, type Phrase } from './sizes'
import { kept } from './spelling'
import { LEAST, type Token } from './tokens'

const MOST_WORDS = number('unbroken.MOST_WORDS')
const LONGEST_WORD = number('unbroken.LONGEST_WORD')
const MOST_LETTERS = number('unbroken.MOST_LETTERS')
const MOST_COVERED = number('unbroken.MOST_COVERED')
const beginnings = kept((list): ReadonlySet<string> => new Set([...list.index.keys()].map((word) => word.slice(0, 2))))

function namesFor(word: string): readonly ListName[] {
  const first = word.charAt(0)
  if (first >= '\u3041' && first <= '\u30fc') return ['japanese']
  if (first >= '\uac00' && first <= '\ud7a3') return ['korean']
  return first < '\u0250' ? LATIN.filter((name) => !isEveryday(LISTS[name])) : []
}

/** Eleven list words or more without anything between them. */
export function findUnbroken(token: Token): Phrase[] {
  for (const name of namesFor(token.word)) {
    const list = LISTS[name]
    const chain = longestChain(token.word.slice(0, MOST_LETTERS), list)
    const first = chain[0]
    if (!first || chain.length < LEAST) continue
    const words = chain.map(([, word]) => word)
    const start = token.start + first[0]
    const certain = validWindows(words.slice(0, 4 * MOST_WORDS), list).length > 0
    return [{ start, end: start + words.join('').length, words: sizeOf(words.length, list), certainty: certain ? 'certain' : 'high' }]
  }
  return []
}

/** The longest row of letters that list words make up without a rest, of the fewest words: each with its place. */
function longestChain(letters: string, list: WordList): [number, string][] {
  const began = Array.from({ length: letters.length + 1 }, (_, place) => place)
  const counts = began.map(() => 0)
  const last: (string | null)[] = began.map(() => null)
  for (let place = 0; place < letters.length; place++) {
    const [start, words] = [began[place] as number, (counts[place] as number) + 1]
    for (let length = 2; length <= LONGEST_WORD && place + length <= letters.length; length++) {
      const word = letters.slice(place, place + length)
      if (!list.index.has(word)) continue
      const end = place + length
      const held = began[end] as number
      if (last[end] === null || start < held || (start === held && words < (counts[end] as number))) {
        began[end] = start
        counts[end] = words
        last[end] = word
      }
    }
  }
  let end = 0
  let longest = 0
  began.forEach((start, place) => {
    if (place - start > longest) {
      longest = place - start
      end = place
    }
  })
  const chain: [number, string][] = []
  for (let word = last[end]; word; word = last[end]) {
    end -= word.length
    chain.unshift([end, word])
  }
  return chain
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
