/** What tells words of a list that stand together by chance (a table, a list of animals, a crossword) from a phrase. */

import type { WordList } from './lists'
import { count, matches, pattern, row } from './rules'

const LENGTH = pattern('evidence.LENGTH')
const KINDS = row('things.KINDS').map((words): ReadonlySet<string> => new Set(words.split(' ')))

/** Whether the words stand in the order of the list: a table of the list, not a phrase. */
export function isExcerpt(words: readonly string[], list: WordList): boolean {
  const at = words.map((word) => list.index.get(word) ?? 0)
  const steps = at.slice(1).map((place, before) => place - (at[before] as number))
  return steps.length >= 8 && count(steps, (step) => step > 0) >= 0.9 * steps.length
}

/** The same for a table of another list. */
export function isAlphabetical(words: readonly string[]): boolean {
  const rest = words.slice(1)
  return rest.filter((word, before) => (words[before] as string) < word).length >= 0.85 * (words.length - 1)
}

/** Whether nearly all words name things of one kind, as lists of shopping and of animals do. */
export function isCategory(words: readonly string[]): boolean {
  return KINDS.some((kind) => count(words, (word) => kind.has(word)) >= 0.6 * words.length)
}

/** Whether each word has its own length behind it, or the text says what it is. */
export function isCrossword(lower: string): boolean {
  return lower.includes('crossword') || count(matches(LENGTH, lower), ([, word = '', length]) => word.length === Number(length)) >= 5
}
