/**
 * Recovery phrases that are written as items: a word a line, between commas, or each with its number. That there are as many
 * items as a phrase has words, and one word in each, says so much that of everyday words, misspelt and cut ones most may be.
 */

import { isAlphabetical, isCategory, isCrossword, isExcerpt } from './evidence'
import { asRead, withoutLabels } from './labels'
import { EVERY, isChinese, type WordList } from './lists'
import { count, matches, number, pattern, runsOf, text } from './rules'
import type { Phrase } from './sizes'
import { prefixes } from './spelling'
import { allTokensOf, type Token } from './tokens'

// What parts items: a line's end, a comma and the like, a number.
const MARKS = text('itemised.MARKS')
const NUMBERED = pattern('itemised.NUMBERED')
const ITEM = pattern('itemised.ITEM')
// Of the items that many are words of one list; of these that many are different.
const LISTED = number('itemised.LISTED')
const DIFFERENT = number('itemised.DIFFERENT')
const FEWEST = number('itemised.FEWEST')
const BESIDE = number('itemised.BESIDE')

/** Whether a closer look is worth it. */
export function mayBeItemised(lower: string): boolean {
  return count(lower, (char) => MARKS.includes(char)) >= FEWEST - 1 || count(matches(NUMBERED, lower), () => true) >= FEWEST
}

/** Linear. */
export function findItemised(text: string): Phrase[] {
  if (!mayBeItemised(text)) return []
  const lower = withoutLabels(asRead(text))
  const rows = [...matches(ITEM, lower)].map(({ 0: item, index }) =>
    allTokensOf(item).map(({ start, end, word }) => ({ start: start + index, end: end + index, word })))
  const found: Phrase[] = []
  for (const run of runsOf(rows.filter((row) => row.length), (row) => row.length === 1)) {
    const items = run[0]?.length === 1 ? run.flat() : []
    if (EVERY.some((list) => partsOf(items, list).some((part) => isPhrase(lower, part, list)))) {
      const [first, last] = [items[0] as Token, items.at(-1) as Token]
      found.push({ start: first.start, end: last.end, words: items.length, certainty: 'ambiguous' })
    }
  }
  return found
}

/** As many as a phrase has, with a few more before or behind them: a label, a name, a thank you. */
function partsOf(items: readonly Token[], list: WordList): (readonly Token[])[] {
  const parts: (readonly Token[])[] = []
  for (const size of list.sizes) {
    for (let more = 0; more <= Math.min(BESIDE, items.length - size); more++) parts.push(items.slice(more, more + size))
  }
  return parts
}

function isPhrase(lower: string, items: readonly Token[], list: WordList): boolean {
  const words = items.map(({ word }) => word)
  const listed = words.filter((word) => list.index.has(word) || (!isChinese(list) && prefixes(list).has(word)))
  if (listed.length < LISTED * words.length || new Set(listed).size < DIFFERENT * listed.length) return false
  const whole = listed.filter((word) => list.index.has(word))
  const around = lower.slice(Math.max(0, (items[0] as Token).start - 20), (items.at(-1) as Token).end + 5)
  return !(isExcerpt(whole, list) || isAlphabetical(words) || isCategory(words) || isCrossword(around))
}
