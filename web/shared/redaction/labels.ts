/**
 * What numbers and names the words of a phrase ("word 3 is", "第三个词是", "n° 4:"): blanks stand for it afterwards, and
 * digits for numbers in words, so that the words remain with their numbers. Places stay.
 */

import { ascii, frequencies, matches, number, pairs, pattern, upTo } from './rules'
import { allTokensOf, type Token } from './tokens'
import { NUMBERS } from './weights'

const NUMERALS = pairs('labels.NUMERALS')
const LABEL = pattern('labels.LABEL')
const GLOSS = pattern('labels.GLOSS')
const NUMBER = pattern('labels.NUMBER')
const OR = pattern('labels.OR')
const MISREAD = pattern('labels.MISREAD')
const READ = pairs('labels.READ')
const FEWEST_SPOKEN = number('labels.FEWEST_SPOKEN')
const REACH = number('labels.REACH')
const SHARE = number('labels.SHARE')

/** Linear. */
export function withoutLabels(text: string): string {
  let lower = text
  if (!ascii(lower)) lower = lower.replace(LABEL, numbered).replace(GLOSS, blank)
  if (lower.includes('(') || lower.includes('（')) lower = lower.replace(OR, blank)
  const spoken = allTokensOf(lower).filter(({ word }) => NUMBERS.has(word))
  if (new Set(spoken.map(({ word }) => word)).size >= FEWEST_SPOKEN) lower = replaced(lower, spoken, (at) => String((at + 1) % 100))
  const numbers = [...matches(NUMBER, lower)].map((match) => match.index)
  return numbers.length > 1 ? withoutRepeated(lower, numbers) : lower
}

/** Digits within a word as the letters that they look like: "l0yal", "pu5h". */
export const asRead = (lower: string): string => lower.replace(MISREAD, (digit) => READ.get(digit) ?? digit)

const blank = (found: string): string => ' '.repeat(found.length)

function numbered(found: string, ordinal?: string, counted?: string, placed?: string): string {
  const written = ordinal ?? counted ?? placed ?? ''
  return ` ${NUMERALS.get(written) ?? written}`.padEnd(found.length).slice(0, found.length)
}

/** With blanks for the words that stand beside most of the numbers, where another word stands there too. */
function withoutRepeated(lower: string, numbers: readonly number[]): string {
  const words = allTokensOf(lower)
  const starts = words.map(({ start }) => start)
  // Before which word each number stands.
  const edges = [0, ...numbers.map((place) => upTo(starts, place - 1)), words.length]
  const gone = new Set<number>()
  for (const before of [true, false]) {
    for (let far = 0; far < REACH; far++) {
      const places = new Map<number, string>()
      for (let at = Number(!before); at < numbers.length + Number(!before); at++) {
        const [low, high] = [edges[at] as number, edges[at + 1] as number]
        const place = before ? high - 1 - far : low + far
        // Something is to be left between two numbers.
        let left = 0
        for (let each = low; each < high; each++) left += Number(!gone.has(each))
        if (low <= place && place < high && (left > 1 || (before && low === 0))) places.set(place, words[place]?.word ?? '')
      }
      const [label, times] = frequencies(places.values())[0] ?? ['', 0]
      if (times < Math.max(2, SHARE * places.size)) break
      for (const [place, word] of places) if (word === label) gone.add(place)
    }
  }
  return gone.size ? replaced(lower, words.filter((_, place) => gone.has(place)), () => '') : lower
}

/** With something else as long, filled up with blanks. */
function replaced(lower: string, words: readonly Token[], by: (at: number) => string): string {
  let text = ''
  let end = 0
  words.forEach((word, at) => {
    const length = word.end - word.start
    text += lower.slice(end, word.start) + by(at).slice(0, length).padEnd(length)
    end = word.end
  })
  return text + lower.slice(end)
}
