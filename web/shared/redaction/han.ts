/** Recovery phrases in Chinese characters: one by one, in groups, or unbroken within other text. */

import { electrum, right } from './checksums'
import type { Certainty } from './findings'
import { withoutLabels } from './labels'
import { CHINESE, commonPair, HAN, LISTS, twinsOf } from './lists'
import { count, has, matches, number, pattern, words } from './rules'
import { sizeOf, type Phrase } from './sizes'
import { LEAST, places as placesOf } from './tokens'
import { weightOfHan } from './weights'

const BLOCK = pattern('han.BLOCK')
const LETTER = pattern('han.LETTER')
const OTHER_LETTER = pattern('han.OTHER_LETTER')
const CHAR = pattern('han.CHAR')
// Characters with nothing but blanks and marks of doubt between them.
const ROW = pattern('han.ROW')
const PARTS = pattern('han.PARTS')
// What a row of so many weighs that has no common pair, and one with a pair.
const SHORTEST_ROW = number('han.SHORTEST_ROW')
const LONGEST_ROW = number('han.LONGEST_ROW')
const ROW_WEIGHS = number('han.ROW_WEIGHS')
const PAIRED_ROW_WEIGHS = number('han.PAIRED_ROW_WEIGHS')
// Groups of a row that may be a label before the phrase or talk behind it.
const BESIDE = number('han.BESIDE')
const ASIDE = pattern('han.ASIDE')
const REST = pattern('han.REST')
const SENTENCE = pattern('han.SENTENCE')
const SAYS = pattern('han.SAYS')
const GRAMMAR = words('han.GRAMMAR')
const SIZES = LISTS.chinese_simplified.sizes
const SHORTEST = Math.min(...SIZES)
const CONTEXT = 40
const UP_TO_BESIDE = [...new Array(BESIDE + 1).keys()]
/** How many groups before and behind a row are none of it, the fewest first. */
const EDGES = UP_TO_BESIDE
  .flatMap((before) => UP_TO_BESIDE.map((behind): [number, number] => [before, behind]))
  .sort(([before, behind], [others, more]) => before + behind - others - more)
// More characters in a row than two phrases have; if they repeat as well, they are none.
const MANY = 66

/** Where a stretch of the characters of a text stands: `at[n]` is the place of `chars[n]`. */
interface Row {
  lower: string
  chars: string
  at: readonly number[]
}

export function mayHoldHan(lower: string): boolean {
  for (const { 0: block } of matches(BLOCK, lower)) {
    if (block.length >= LEAST && stretches(block.replace(REST, '')).length) return true
  }
  return false
}

export function findHan(text: string): Phrase[] {
  const lower = withoutLabels(text)
  const found: Phrase[] = []
  for (const { 0: block, index } of matches(BLOCK, lower)) {
    if (block.length < LEAST) continue
    const chars = block.replace(REST, '')
    for (const [first, last] of stretches(chars)) {
      if (last - first > MANY && new Set(chars.slice(first, last)).size < 0.25 * (last - first)) continue
      const at = [...matches(CHAR, lower, index, index + block.length)].map((match) => match.index)
      found.push(...judge({ lower, chars, at }, first, last))
    }
  }
  const aside = lower.replace(ASIDE, (each) => '?'.padEnd(each.length))
  return [...found, ...[...matches(ROW, aside)].flatMap(({ 0: written, index }) => wholeRow(written, index))]
}

/** What stands between other things, about as long as a phrase, and makes no words. */
function wholeRow(written: string, index: number): Phrase[] {
  const groups = [...matches(PARTS, written)]
  for (const [before, behind] of EDGES) {
    const those = groups.slice(before, groups.length - behind)
    const chars = those.map((match) => match[0]).join('')
    if (!isRow(chars)) continue
    const [first, last] = [those[0] as RegExpExecArray, those.at(-1) as RegExpExecArray]
    const certainty = SIZES.includes(chars.length) && rightIn([...chars]) && !pairsIn(chars).length ? 'high' : 'ambiguous'
    const end = index + last.index + last[0].length
    return [{ start: index + first.index, end, words: sizeOf(chars.length, LISTS.chinese_simplified), certainty }]
  }
  return []
}

function isRow(chars: string): boolean {
  if (chars.length < SHORTEST_ROW || chars.length > LONGEST_ROW || new Set(chars).size < 0.8 * chars.length) return false
  const pairs = pairsIn(chars).length
  return pairs <= 1 && weightOfHan(chars) >= (pairs ? PAIRED_ROW_WEIGHS : ROW_WEIGHS)
}

function pairsIn(chars: string): number[] {
  return placesOf([...chars], () => true).filter((place) => place > 0 && commonPair(chars.slice(place - 1, place + 1)))
}

/** Longest stretches of at least eleven characters with at most one common pair among them. */
function stretches(chars: string): [number, number][] {
  if (chars.length < LEAST) return []
  const cuts = [0, ...pairsIn(chars), chars.length]
  const found: [number, number][] = []
  for (let at = 0; at + 1 < cuts.length; at++) {
    const low = cuts[at] as number
    const high = cuts[at + 2] ?? chars.length
    const before = found.at(-1)
    if (high - low >= LEAST && !(before && high <= before[1])) found.push([low, high])
  }
  return found
}

function judge(row: Row, first: number, last: number): Phrase[] {
  const { lower, at } = row
  const place = (number: number): number => at[number] as number
  const gaps: string[] = []
  for (let n = first; n + 1 < last; n++) gaps.push(lower.slice(place(n) + 1, place(n + 1)))
  if (count(gaps, Boolean) >= 0.8 * gaps.length) {
    const strays = count(gaps, (gap) => has(LETTER, gap))
    return strays > 1 + Math.floor(gaps.length / LEAST) ? [] : apart(row, first, last)
  }
  const found: Phrase[] = []
  // What names the phrase is no part of it, though some of its characters are on the list.
  for (const match of matches(SAYS, lower, place(first) - 8, place(last - 1))) {
    const end = match.index + match[0].length
    if (end <= place(Math.min(first + 8, last - 1))) while (place(first) < end) first++
  }
  while (last - first >= SHORTEST) {
    const window = windowIn(row, first, last)
    if (!window) break
    let begin = window.low
    let end = window.low + window.size
    // By chance a part of a phrase has a right checksum, too: what is as random beside it is hidden with it.
    if (!isolated(row, window.low, window.size)) {
      while (begin > first && belongs(row, begin - 1)) begin--
      while (end < last && belongs(row, end)) end++
    }
    const size = SIZES.find((each) => each <= end - begin) as number
    found.push({ start: place(begin), end: place(end - 1) + 1, words: Math.max(window.size, size), certainty: window.certainty })
    first = end
  }
  return found
}

/** Whether a character may be one more of the phrase beside it. */
function belongs({ lower, chars, at }: Row, number: number): boolean {
  const char = chars.charAt(number)
  const here = at[number] as number
  const beside = (at[Math.min(number + 1, at.length - 1)] as number) - here
  return HAN.has(char) && !GRAMMAR.has(char) && beside <= 1 + Number(lower[here + 1] === ' ')
}

/** Characters that stand one by one: eleven are a phrase, with a stray one in eight. */
function apart({ chars, at }: Row, first: number, last: number): Phrase[] {
  const listed = placesOf([...chars], (char) => HAN.has(char)).filter((n) => n >= first && n < last)
  const all = last - first
  if (listed.length < LEAST || listed.length < 0.85 * all || new Set(chars.slice(first, last)).size < 0.7 * all) return []
  const found = listed.map((n) => chars.charAt(n))
  const valid = SIZES.some((size) => {
    for (let low = 0; low < Math.min(found.length - size + 1, 4); low++) if (rightIn(found.slice(low, low + size))) return true
    return false
  })
  return [{
    start: at[listed[0] as number] as number, end: (at[listed.at(-1) as number] as number) + 1,
    words: SIZES.find((size) => size <= found.length) ?? SHORTEST, certainty: valid ? 'certain' : 'high',
  }]
}

/** The first character, the size and the certainty of a phrase among characters that stand together. */
function windowIn(row: Row, first: number, last: number): { low: number; size: number; certainty: Certainty } | null {
  const { lower, chars, at } = row
  const start = at[first] as number
  const named = has(SAYS, lower.slice(Math.max(0, start - CONTEXT), start + 8))
  const alone = !lower.slice(0, start).trim() && !lower.slice((at[last - 1] as number) + 1).trim()
  const windows: { size: number; low: number; parted: boolean }[] = []
  for (const size of SIZES) for (let low = first; low + size <= last; low++) windows.push({ size, low, parted: isolated(row, low, size) })
  // What stands by itself first: by chance a part of a phrase has a right checksum, too.
  for (const { size, low, parted } of [...windows.filter((each) => each.parted), ...windows.filter((each) => !each.parted)]) {
    const sure = named || alone || size > 18
    if (!sure && !parted) continue
    const found = chars.slice(low, low + size)
    if (random(found, 4) && even(row, low, low + size) && rightIn([...found])) {
      return { low, size, certainty: sure ? (size > 12 ? 'certain' : 'high') : 'ambiguous' }
    }
  }
  const run = last - first
  const found = chars.slice(first, last)
  const stands = named || alone || (SIZES.includes(run) && isolated(row, first, run))
  if (stands && run <= 30 && random(found) && even(row, first, last) && !pairsIn(found).length) {
    return { low: first, size: run, certainty: 'ambiguous' }
  }
  return null
}

/** Whether something parts the window from the characters before and behind it, and nothing is within. */
function isolated({ at }: Row, low: number, size: number): boolean {
  const high = low + size
  const place = (number: number): number => at[number] as number
  return place(high - 1) - place(low) === size - 1 && (low === 0 || place(low) - place(low - 1) > 1) &&
    (high === at.length || place(high) - place(high - 1) > 1)
}

/** Whether nothing parts the characters, or what does makes groups of one length. */
function even({ lower, at }: Row, first: number, last: number): boolean {
  const from = at[first] as number
  const to = at[last - 1] as number
  if (has(OTHER_LETTER, lower, from, to)) return false
  if (!has(SENTENCE, lower, from, to)) return true
  const lengths = new Set<number>()
  let begin = 0
  for (let n = first; n + 1 < last; n++) {
    if ((at[n + 1] as number) - (at[n] as number) > 1) {
      lengths.add(n + 1 - first - begin)
      begin = n + 1 - first
    }
  }
  return lengths.size === 1
}

/** Whether all are on a list, hardly repeat, and at most one in `grammar` carries grammar. */
function random(chars: string, grammar = 8): boolean {
  return [...chars].every((char) => HAN.has(char)) && count(chars, (char) => GRAMMAR.has(char)) <= Math.floor(chars.length / grammar) &&
    new Set(chars).size >= 0.8 * chars.length
}

function rightIn(chars: readonly string[]): boolean {
  return CHINESE.map((name) => LISTS[name]).some((list) => {
    const own = chars.map((char) => twinsOf(list).get(char) ?? char)
    return own.every((char) => list.index.has(char)) && (right(own, list) || electrum(own, list))
  })
}
