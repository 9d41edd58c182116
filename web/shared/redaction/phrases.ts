/** Recovery phrases of every list, however they are written down. */

import { RANK } from './findings'
import { findHan, mayHoldHan } from './han'
import { findItemised, mayBeItemised } from './itemised'
import { ascii, count, matches, number, pattern, upTo } from './rules'
import type { Phrase } from './sizes'
import { mayBeUnbroken, tokensOf, wordsIn, type Token } from './tokens'
import { findUnbroken, mostGlued } from './unbroken'
import { weighed } from './weighing'
import { likelyLists } from './weights'

// Words of a stretch that lie beside another one, of another list, for both to be hidden.
const APART = number('phrases.APART')
// Where a word begins with a capital right behind another, and how many such places there are for it to be looked at.
const HUMP = pattern('phrases.HUMP')
const FEWEST_HUMPS = number('phrases.FEWEST_HUMPS')

/** The cheap look that ordinary messages end at. */
export function mayHoldPhrase(lower: string): boolean {
  const words = wordsIn(lower)
  return likelyLists(words).length > 0 || words.some(mayBeUnbroken) || mayBeItemised(lower) || (!ascii(lower) && mayHoldHan(lower))
}

/**
 * The phrases in a folded text, in order; overlapping ones of different lists are one. Linear. `plain`: the same before it was of
 * lower case.
 */
export function findPhrases(lower: string, plain: string): Phrase[] {
  const found = foundIn(lower)
  const humps = [...matches(HUMP, plain)].map((match) => match.index + match[0].length)
  if (found.length || humps.length < FEWEST_HUMPS) return found
  // "AppleBeach": as if a blank stood between.
  const parted = [0, ...humps].map((begin, at) => lower.slice(begin, humps[at])).join(' ')
  const blanks = humps.map((hump, before) => hump + before)
  const back = (place: number): number => place - upTo(blanks, place - 1)
  return foundIn(parted).map((one) => ({ ...one, start: back(one.start), end: back(one.end) }))
}

function foundIn(lower: string): Phrase[] {
  const found = best(lower)
  if (!found.length) found.push(...findItemised(lower))
  const tokens = tokensOf(lower)
  tokens.forEach((token, place) => {
    if (mayBeUnbroken(token.word)) found.push(...findUnbroken(token).map((one) => withBeside(tokens, place, one)))
  })
  if (!ascii(lower) && mayHoldHan(lower)) found.push(...findHan(lower))
  return joined(found)
}

/** With the words beside it that are several without anything between them, too. */
function withBeside(tokens: readonly Token[], place: number, one: Phrase): Phrase {
  const isGlued = (token: Token | undefined): boolean => token !== undefined && mostGlued(token.word) > 1
  let [first, last] = [place, place]
  while (isGlued(tokens[first - 1])) first--
  while (isGlued(tokens[last + 1])) last++
  const { start } = tokens[first] as Token
  const { end } = tokens[last] as Token
  return { ...one, start: Math.min(one.start, start), end: Math.max(one.end, end) }
}

/** Without what a surer or heavier one of another list covers. */
function best(lower: string): Phrase[] {
  const kept: Phrase[] = []
  const doubt = ({ certainty }: Phrase): number => Number(certainty !== 'certain')
  const all = weighed(lower).sort((one, other) => doubt(one.phrase) - doubt(other.phrase) || other.weight - one.weight)
  for (const { phrase, tokens } of all) {
    const over = kept.filter((other) => phrase.start < other.end && other.start < phrase.end)
    const outside = count(tokens, ({ start }) => !over.some((other) => other.start <= start && start < other.end))
    if (!over.length || outside >= APART) kept.push(phrase)
  }
  return kept
}

function joined(found: Phrase[]): Phrase[] {
  const kept: Phrase[] = []
  for (const one of found.sort((a, b) => a.start - b.start)) {
    const last = kept.at(-1)
    if (last && one.start < last.end) {
      const surer = RANK[one.certainty] > RANK[last.certainty]
      last.end = Math.max(last.end, one.end)
      last.words = Math.max(last.words, one.words)
      if (surer) last.certainty = one.certainty
    } else {
      kept.push({ ...one })
    }
  }
  return kept
}
