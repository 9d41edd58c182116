/** Recovery phrases of the lists that are written with separators, however they are written down. */

import { right } from './checksums'
import { isExcerpt, looksRandom } from './evidence'
import { findHan, mayHoldHan } from './han'
import { isEveryday, LATIN, LISTS, MASK, SPACED, type WordList } from './lists'
import { ascii, count, frequencies, matches, pattern, words as wordsOf } from './rules'
import { sizeOf, validWindows, type Phrase } from './sizes'
import { EVERYDAY, nearest, NO_TYPO, prefixes } from './spelling'
import { CLOSE, holdsWord, LABEL_COUNT, LEAST, LEAST_EXACT, mayBeUnbroken, mayHoldWords, places, promising, SUPPORT, tokensOf, type Token } from './tokens'
import { findUnbroken } from './unbroken'

const INTRODUCING = wordsOf('phrases.INTRODUCING')
const DIGITS = pattern('phrases.DIGITS')
// Tokens beside a stretch that may be misspelt words of it.
const MARGIN = 3

/** A text on its way through the search for one list. `soft`: places of tokens that were taken for the list words in `words`. */
interface Page {
  lower: string
  tokens: readonly Token[]
  words: readonly string[]
  list: WordList
  labelled: boolean
  soft: ReadonlySet<number>
}

export function mayHoldPhrase(lower: string): boolean {
  return mayHoldWords(lower) || (!ascii(lower) && mayHoldHan(lower))
}

/** In order; overlapping ones of different lists are one. */
export function findPhrases(lower: string): Phrase[] {
  const tokens = tokensOf(lower)
  let found = search(lower, tokens, false)
  if (!found.length) {
    const labels = new Set(frequencies(tokens.map((token) => token.word)).slice(0, 3).filter(([, times]) => times >= LABEL_COUNT).map(([word]) => word))
    if (labels.size) found = search(lower, tokens.filter((token) => !labels.has(token.word)), true)
  }
  for (const token of tokens) if (mayBeUnbroken(token.word)) found.push(...findUnbroken(token))
  if (!ascii(lower)) found.push(...findHan(lower))
  return found.sort((one, other) => one.start - other.start)
}

function search(lower: string, tokens: readonly Token[], labelled: boolean): Phrase[] {
  const words = tokens.map((token) => token.word)
  const masks = words.map((word) => MASK.get(word) ?? 0)
  const page = (list: WordList): Page => ({ lower, tokens, words, list, labelled, soft: new Set() })
  const found: Phrase[] = []
  for (const list of SPACED.map((name) => LISTS[name])) {
    const listed = places(masks, (mask) => (mask & list.bit) !== 0)
    if (!promising(words, listed) && !(isEveryday(list) && listed.length >= LEAST)) continue
    found.push(...wholeOnes(page(list), exact(page(list), listed), misspelt(page(list), listed)))
  }
  if (!found.length) {
    for (const list of LATIN.map((name) => LISTS[name])) if (!isEveryday(list)) found.push(...shortened(page(list)))
  }
  return best(found)
}

const overlap = (one: Phrase, other: Phrase): boolean => one.start < other.end && other.start < one.end

/** Each phrase as it was found by its words alone, unless misspelt ones prolong it. */
function wholeOnes(page: Page, plain: Phrase[], tolerant: Phrase[]): Phrase[] {
  const kept = plain.filter((one) => !tolerant.some((other) => {
    if (other.start > one.start || one.end > other.end) return false
    const beside = `${page.lower.slice(other.start, one.start)} ${page.lower.slice(one.end, other.end)}`
    return one.certainty !== 'certain' || count(tokensOf(beside), (token) => page.list.index.has(token.word)) >= 3
  }))
  return [...kept, ...tolerant.filter((other) => !kept.some((one) => overlap(one, other)))]
}

/** Without what a longer or surer one of another list covers. */
function best(found: Phrase[]): Phrase[] {
  const kept: Phrase[] = []
  const rank = (phrase: Phrase): number => Number(phrase.certainty !== 'certain')
  for (const one of [...found].sort((a, b) => rank(a) - rank(b) || (a.start - a.end) - (b.start - b.end))) {
    if (!kept.slice(0, 64).some((other) => overlap(one, other))) kept.push(one)
  }
  return kept
}

function exact(page: Page, listed: readonly number[]): Phrase[] {
  return dense(listed).flatMap(([first, last]) => judge(page, listed.slice(first, last + 1)) ?? [])
}

/** Up to a quarter of the words have one letter wrong. */
function misspelt(page: Page, listed: readonly number[]): Phrase[] {
  const telling = count(listed, (place) => !page.list.everyday.has(page.words[place] as string) && !SUPPORT.has(page.words[place] as string))
  if (isEveryday(page.list) || telling < 0.5 * listed.length) return []
  const words = [...page.words]
  const soft = new Set<number>()
  for (const place of neighbours(listed, words.length)) {
    const word = EVERYDAY.has(words[place] as string) ? null : nearest(words[place] as string, page.list)
    if (word === null) continue
    words[place] = word
    soft.add(place)
  }
  const taken = [...new Set([...listed, ...soft])].sort((one, other) => one - other)
  return softly({ ...page, words, soft }, taken, (share) => share <= 0.3)
}

function softly(page: Page, taken: readonly number[], fits: (share: number) => boolean): Phrase[] {
  return dense(taken, 12).flatMap(([first, last]) => {
    const stretch = taken.slice(first, last + 1)
    return fits(count(stretch, (place) => page.soft.has(place)) / stretch.length) ? (judge(page, stretch) ?? []) : []
  })
}

/** The places between and beside eight list words that lie close together. */
function neighbours(listed: readonly number[], length: number): number[] {
  const found = new Set<number>()
  listed.forEach((first, at) => {
    const last = listed[at + LEAST_EXACT - 1]
    if (last === undefined || last - first >= CLOSE) return
    for (let place = Math.max(0, first - MARGIN); place < Math.min(length, last + MARGIN + 1); place++) found.add(place)
  })
  for (const place of listed) found.delete(place)
  return [...found].sort((one, other) => one - other)
}

/** Words cut to their first four letters, as on plates of metal. */
function shortened(page: Page): Phrase[] {
  const full = prefixes(page.list)
  const words = [...page.words]
  const soft = new Set<number>()
  const listed: number[] = []
  words.forEach((word, place) => {
    if (page.list.index.has(word)) {
      listed.push(place)
      return
    }
    const meant = full.get(word)
    if (meant === undefined) return
    words[place] = meant
    soft.add(place)
    listed.push(place)
  })
  return soft.size < 4 ? [] : softly({ ...page, words, soft }, listed, (share) => share >= 0.4)
}

const at = (listed: readonly number[], place: number): number => listed[place] as number

/** Stretches (indices into `listed`) of at least LEAST list words with few others between them: at most two in a row, and
 * one more than one for `sparse`. */
function dense(listed: readonly number[], sparse = 8): [number, number][] {
  const found: [number, number][] = []
  let lowest = 0
  listed.forEach((place, highest) => {
    const next = listed[highest + 1]
    if (next !== undefined && next - place <= 3) return
    let first = lowest
    for (let last = lowest + LEAST - 1; last <= highest; last++) {
      while (last - first + 1 >= LEAST && tooManyMisses(listed, first, last, sparse)) first++
      if (last - first + 1 < LEAST) continue
      const before = found.at(-1)
      if (before && first <= before[1]) before[1] = last
      else found.push([first, last])
    }
    lowest = highest + 1
  })
  return found.map(([first, last]) => [reachingBack(listed, first, last, sparse), last])
}

/** Strays that crowd at the beginning are too many for the first eleven words, but not for all of them. */
function reachingBack(listed: readonly number[], first: number, last: number, sparse: number): number {
  for (let earlier = Math.max(0, first - LEAST); earlier < first; earlier++) {
    let close = true
    for (let place = earlier; place < first; place++) close &&= at(listed, place + 1) - at(listed, place) <= 3
    if (close && !tooManyMisses(listed, earlier, last, sparse)) return earlier
  }
  return first
}

function tooManyMisses(listed: readonly number[], first: number, last: number, sparse: number): boolean {
  return at(listed, last) - at(listed, first) - (last - first) > 1 + Math.floor((last - first + 1) / sparse)
}

function judge(page: Page, listed: readonly number[]): Phrase | null {
  const words = listed.map((place) => page.words[place] as string)
  if (isExcerpt(words.filter((_, n) => !page.soft.has(at(listed, n))), page.list)) return null
  const windows = validWindows(words, page.list)
  const stretch = page.tokens.slice(at(listed, 0), at(listed, listed.length - 1) + 1)
  const softly = listed.some((place) => page.soft.has(place))
  const pure = !page.labelled && stretch.length === words.length && !softly
  if (isEveryday(page.list) && !(stretch.length === words.length && words.length >= 12)) return null
  if (page.labelled && !hasLabels(page, listed)) return null
  const beside = spare(words)
  if ((page.soft.size || !windows.some((window) => isWhole(listed, words, beside, ...window))) &&
    !looksRandom(page.lower, stretch, words, page.list, pure)) return null
  let [begin, end, typos] = edges(page, listed)
  let size = sizeOf(listed.length + typos, page.list)
  let certain = windows.length > 0 && !softly
  if (windows.length) {
    const doubts = windows.map((window) => doubt(listed, beside, ...window))
    const [first, last] = windows[doubts.indexOf(Math.min(...doubts))] as [number, number]
    // Up to three words beside the window are the sentence around it; more are words of the phrase.
    if (listed.length - (last - first) <= 3) size = last - first
    const trimmed = trim(page, listed, first, last)
    if (trimmed[0] === at(listed, first) && trimmed[1] === at(listed, last - 1) && !typos) [begin, end] = trimmed
  } else if (!page.soft.size) {
    certain = otherwiseRight(page, listed)
  }
  return { start: (page.tokens[begin] as Token).start, end: (page.tokens[end] as Token).end, words: size, certainty: certain ? 'certain' : 'high' }
}

/** Whether a label stands between nearly all of the words, rather than some frequent word here and there. */
function hasLabels(page: Page, listed: readonly number[]): boolean {
  const gaps = listed.slice(1).map((right, n) => page.lower.slice((page.tokens[at(listed, n)] as Token).end, (page.tokens[right] as Token).start))
  return count(gaps, holdsWord) >= 0.7 * gaps.length
}

/** How many words beside a window neither belong to it nor introduce it. */
function spare(words: readonly string[]): (first: number, last: number) => number {
  const sums = [0]
  for (const word of words) sums.push((sums.at(-1) as number) + Number(!INTRODUCING.has(word)))
  return (first, last) => (sums.at(-1) as number) - at(sums, last) + at(sums, first)
}

/** Whether the right checksum of a window is proof enough: nothing stands between its words, and they are most of what is there. */
function isWhole(listed: readonly number[], words: readonly string[], beside: (first: number, last: number) => number, first: number, last: number): boolean {
  if (at(listed, last - 1) - at(listed, first) !== last - first - 1) return false
  const rest = beside(first, last)
  return rest === 0 || (rest <= last - first && new Set(words.slice(first, last)).size >= 0.7 * (last - first))
}

/** Which of several right checksums is the phrase's own: words left over speak against one, and strays within. */
function doubt(listed: readonly number[], beside: (first: number, last: number) => number, first: number, last: number): number {
  const broken = at(listed, last - 1) - at(listed, first) > last - first - 1
  return 2 * beside(first, last) + 2 * Number(broken) + listed.length - (last - first)
}

/** Whether the words in the order of their numbers, or backwards, have a right checksum. */
function otherwiseRight(page: Page, listed: readonly number[]): boolean {
  const words = listed.map((place) => page.words[place] as string)
  const numbers = listed.map((place) => {
    const { start } = page.tokens[place] as Token
    const left = place ? (page.tokens[place - 1] as Token).end : 0
    return [...matches(DIGITS, page.lower, Math.max(left, start - 12), start)].at(-1)?.[0]
  })
  const orders = [[...words].reverse()]
  if (numbers.every((number) => number !== undefined)) {
    const numbered = words.map((word, n) => ({ word, number: Number(numbers[n]) }))
    orders.push(numbered.sort((a, b) => a.number - b.number || (a.word < b.word ? -1 : 1)).map(({ word }) => word))
  }
  return orders.some((order) => page.list.sizes.includes(order.length) && right(order, page.list))
}

/** The first and last token to hide if a window is a whole phrase: up to three list words at each side that are set apart
 * by another word or another separator may stay readable ("my seed phrase is …"). */
function trim(page: Page, listed: readonly number[], first: number, last: number): [number, number] {
  const gap = (left: number): string =>
    page.lower.slice((page.tokens[at(listed, left)] as Token).end, (page.tokens[at(listed, left + 1)] as Token).start).replace(DIGITS, '')
  const within = new Set<string>()
  for (let left = first; left < last - 1; left++) within.add(gap(left))
  let begin = 0
  let end = listed.length
  if (first > 0 && first <= 3 && !within.has(gap(first - 1))) begin = first
  if (end > last && end - last <= 3 && !within.has(gap(last - 1))) end = last
  return [at(listed, begin), at(listed, end - 1)]
}

/** The first and last token to hide, and how many misspelt words are among them. A misspelt word at an end of a phrase is
 * taken in when it completes one (11 and 1), or when the separator of the others stands before it. */
function edges(page: Page, listed: readonly number[]): [number, number, number] {
  let begin = at(listed, 0)
  let end = at(listed, listed.length - 1)
  let typos = 0
  const within = new Set<string>()
  for (let place = begin; place <= end; place++) {
    typos += Number(isMisspelt(page, place))
    if (place < end) within.add(gapAfter(page, place))
  }
  for (let turn = 0; turn < 2; turn++) {
    const have = listed.length + typos
    const lacking = Math.min(...page.list.sizes.filter((size) => size >= have).map((size) => size - have))
    const completes = lacking > 0 && lacking <= 2
    if (begin && (completes || within.has(gapAfter(page, begin - 1))) && isMisspelt(page, begin - 1)) begin--
    else if (end + 1 < page.tokens.length && (completes || within.has(gapAfter(page, end))) && isMisspelt(page, end + 1)) end++
    else break
    typos++
  }
  return [begin, end, typos]
}

/** What stands between a token and the next, without the numbers. */
function gapAfter(page: Page, place: number): string {
  return page.lower.slice((page.tokens[place] as Token).end, (page.tokens[place + 1] as Token).start).replace(DIGITS, '')
}

function isMisspelt(page: Page, place: number): boolean {
  const word = page.words[place] as string
  return !page.list.index.has(word) && !NO_TYPO.has(word) && nearest(word, page.list) !== null
}
