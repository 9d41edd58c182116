/** Recovery phrases of every list, however they are written down. */

import { RANK } from './findings'
import { findHan, mayHoldHan } from './han'
import { ascii, count, number } from './rules'
import type { Phrase } from './sizes'
import { mayBeUnbroken, tokensOf, wordsIn } from './tokens'
import { findUnbroken } from './unbroken'
import { weighed } from './weighing'
import { likelyLists } from './weights'

// Words of a stretch that lie beside another one, of another list, for both to be hidden.
const APART = number('phrases.APART')

/** The cheap look that ordinary messages end at. */
export function mayHoldPhrase(lower: string): boolean {
  const words = wordsIn(lower)
  return likelyLists(words).length > 0 || words.some(mayBeUnbroken) || (!ascii(lower) && mayHoldHan(lower))
}

/** The phrases in a folded text of lower case, in order; overlapping ones of different lists are one. Linear. */
export function findPhrases(lower: string): Phrase[] {
  const found = best(lower)
  for (const token of tokensOf(lower)) if (mayBeUnbroken(token.word)) found.push(...findUnbroken(token))
  if (!ascii(lower) && mayHoldHan(lower)) found.push(...findHan(lower))
  return joined(found)
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
