/** What tells words of a list that stand together by chance (prose, code, a log, the list itself) from a phrase. */

import type { WordList } from './lists'
import { count, frequencies, has, matches, pattern } from './rules'
import type { Token } from './tokens'

const BESIDE_MARKS = pattern('evidence.BESIDE_MARKS')
const NUMBER = pattern('evidence.NUMBER')
const SENTENCE = pattern('evidence.SENTENCE')
const CODE = pattern('evidence.CODE')

/** `tokens`: all from the first to the last word. `pure`: there is no other word among them. */
export function looksRandom(lower: string, tokens: readonly Token[], words: readonly string[], list: WordList, pure: boolean): boolean {
  if (new Set(words).size < 0.75 * words.length) return false
  const everyday = count(words, (word) => list.everyday.has(word))
  const gaps = tokens.slice(1).map((right, at) => lower.slice((tokens[at] as Token).end, right.start))
  if (numbered(gaps)) return true
  // Without any other word between them the run itself speaks; prose joins its words with "the", "is", "of".
  if (everyday > (pure ? 0.6 : 0.4) * words.length) return false
  const marks = gaps.map((gap) => gap.replace(BESIDE_MARKS, ''))
  if (!marks.some((gap) => has(SENTENCE, gap) || has(CODE, gap))) return true
  // Separators of all kinds are no code (one bracket may be that of the sentence around).
  if (everyday <= 0.25 * words.length && count(marks.slice(1, -1), (gap) => has(CODE, gap)) <= 1) return true
  const [mark, times] = frequencies(marks)[0] ?? ['', 0]
  return mark !== '' && times >= 0.6 * marks.length
}

/** Whether the words stand in the order of the list: a table of the list, not a phrase. */
export function isExcerpt(words: readonly string[], list: WordList): boolean {
  const at = words.map((word) => list.index.get(word) ?? 0)
  const steps = at.slice(1).map((place, before) => place - (at[before] as number))
  return steps.length >= 8 && count(steps, (step) => step > 0) >= 0.9 * steps.length
}

/** Whether the words are numbered, in any order. */
function numbered(gaps: readonly string[]): boolean {
  const numbers: number[] = []
  for (const gap of gaps) {
    const last = [...matches(NUMBER, gap)].at(-1)?.[0]
    if (last !== undefined && last.length <= 2) numbers.push(Number(last))
  }
  return numbers.length >= 0.8 * gaps.length && new Set(numbers).size >= 0.9 * numbers.length && Math.max(...numbers) <= 36
}
