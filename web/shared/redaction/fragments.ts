/** Phrases that are typed over several messages: which messages of one author together make a whole. */

import { right } from './checksums'
import { isExcerpt } from './evidence'
import type { Certainty } from './findings'
import { fold } from './folding'
import { CHINESE, commonPair, HAN, isEveryday, LISTS, MASK, SPACED, type WordList } from './lists'
import { count, matches, pattern, wholePattern, words as wordsOf } from './rules'
import { sizeOf } from './sizes'
import { EVERYDAY, nearest, prefixes } from './spelling'
import { LEAST, SUPPORT, tokensOf } from './tokens'

// In order words in a row that may be a part of a phrase.
const FEWEST = 3
const APART = 4
// Longer messages are no part of a phrase: 24 numbered and labelled words have 600 characters.
const LONGEST = 2_000
// The newest pieces that are looked at: 24 single words, and as many other messages between them.
const MOST_PIECES = 64
const MARKER = pattern('redact.MARKER')
const LABELS = wordsOf('fragments.LABELS')
const JOINING = wordsOf('fragments.JOINING')
const GRAMMAR = wordsOf('fragments.GRAMMAR')
const NUMBER = pattern('fragments.NUMBER')
const HAN_MESSAGE = wholePattern('fragments.HAN_MESSAGE')
const HAN_CHAR = pattern('fragments.HAN_CHAR')

/** `pieces`: places of the messages that together hold a phrase. */
export interface Joined {
  pieces: number[]
  words: number
  certainty: Certainty
}

/** The list words in a row of one message: corrected, with their numbers (0: none). */
interface Run {
  words: readonly string[]
  numbers: readonly number[]
  /** how many are no everyday words, and how many spelt right */
  telling: number
  exact: number
  /** nothing else stands in the message */
  whole: boolean
  /** something parts the words; unbroken Chinese needs a right checksum */
  apart: boolean
}

type Runs = ReadonlyMap<number, Run>

interface Chain {
  words: string[]
  pieces: number[]
  telling: number
  pure: number
}

/** Which of the newest messages of one author, oldest first, together are a recovery phrase. */
export function join(messages: readonly string[]): Joined | null {
  const skipped = Math.max(0, messages.length - MOST_PIECES)
  const parsed = messages.slice(skipped).map(runsOf)
  let best: Joined | null = null
  for (const list of Object.values(LISTS)) {
    const runs = new Map<number, Run>()
    parsed.forEach((found, place) => { const run = found.get(list); if (run) runs.set(place, run) })
    const joined = joinRuns(list, relevant(list, runs))
    if (joined && (!best || rank(joined, best) > 0)) best = joined
  }
  return best && { ...best, pieces: best.pieces.map((place) => place + skipped) }
}

/** Whether a message may be a part of a phrase: only then the ones before it are worth a look. */
export function mayBePart(text: string): boolean {
  return [...runsOf(text)].some(([list, run]) => run.whole || suspicious(run, list))
}

function rank(one: Joined, other: Joined): number {
  return Number(one.certainty === 'certain') - Number(other.certainty === 'certain') || one.words - other.words || one.pieces.length - other.pieces.length
}

const numbered = (run: Run): boolean => run.numbers.every(Boolean) && new Set(run.numbers).size === run.numbers.length
const single = (run: Run): boolean => run.whole && run.words.length < FEWEST

function suspicious(run: Run, list: WordList): boolean {
  const all = run.words.length
  if (all < FEWEST || run.exact < 0.7 * all) return false
  if (numbered(run) && run.telling >= 0.5 * all) return true
  if (isEveryday(list)) return run.whole && run.telling >= 0.75 * all
  if (run.whole || all >= 8) return run.telling >= 0.5 * all
  return run.telling >= (all < 5 ? all : 0.75 * all)
}

const isSure = (list: WordList, run: Run): boolean => suspicious(run, list) || (single(run) && run.telling === run.exact && run.exact === run.words.length)

/** The longest run of each list. */
function runsOf(text: string): ReadonlyMap<WordList, Run> {
  const found = new Map<WordList, Run>()
  if (text.length > LONGEST) return found
  const { lower: folded } = fold(text)
  const lower = folded.replace(MARKER, '\n')
  if (HAN_MESSAGE.test(lower)) return hanRuns(lower)
  const tokens: { word: string; number: number }[] = []
  let previous = 0
  for (const token of tokensOf(lower)) {
    const number = [...matches(NUMBER, lower, previous, token.start)].at(-1)?.[0]
    const after = lower.slice(token.end, token.end + 2).replace(/^[ #]+/, '')
    previous = token.end
    // Its number belongs to the next word.
    if (LABELS.has(token.word) && (/^\d/.test(after) || !MASK.has(token.word))) continue
    tokens.push({ word: token.word, number: Number(number ?? 0) })
  }
  while (tokens[0] && JOINING.has(tokens[0].word)) tokens.shift()
  for (const list of SPACED.map((name) => LISTS[name])) {
    const run = tokens.some(({ word }) => (MASK.get(word) ?? 0) & list.bit) ? longest(tokens, list) : null
    if (run) found.set(list, run)
  }
  return found
}

function longest(tokens: readonly { word: string; number: number }[], list: WordList): Run | null {
  let best: { word: string; number: number; exact: boolean }[] = []
  let run: typeof best = []
  let soft = 0
  for (const { word, number } of tokens) {
    const exact = list.index.has(word)
    const meant = exact ? word : meantBy(word, list)
    if (exact) {
      run.push({ word, number, exact })
    } else if (meant !== null && soft <= Math.floor(run.length / 4)) {
      run.push({ word: meant, number, exact })
      soft++
    } else {
      run = []
      soft = 0
    }
    if (run.length > best.length) best = [...run]
  }
  while (best.length && !best.at(-1)?.exact && best.length !== tokens.length) best.pop()
  const exact = count(best, (one) => one.exact)
  if (!exact) return null
  return {
    words: best.map(({ word }) => word), numbers: best.map(({ number }) => number), exact, apart: true,
    telling: count(best, (one) => one.exact && !list.everyday.has(one.word) && !SUPPORT.has(one.word)), whole: best.length === tokens.length,
  }
}

function meantBy(word: string, list: WordList): string | null {
  if (EVERYDAY.has(word) || word.length < 4 || isEveryday(list)) return null
  return prefixes(list).get(word) ?? nearest(word, list)
}

function hanRuns(lower: string): ReadonlyMap<WordList, Run> {
  const found = new Map<WordList, Run>()
  const at = [...matches(HAN_CHAR, lower)].map((match) => match.index)
  const chars = at.map((place) => lower.charAt(place))
  if (!chars.every((char) => HAN.has(char)) || chars.length > LONGEST / 10) return found
  const together = chars.length > 1 && (at.at(-1) as number) - (at[0] as number) + 1 === chars.length
  if (together && chars.some((char, n) => GRAMMAR.has(char) || commonPair(char + (chars[n + 1] ?? '')))) return found
  const numbers = at.map((place, n) => Number([...matches(NUMBER, lower, n ? (at[n - 1] as number) + 1 : 0, place)].at(-1)?.[0] ?? 0))
  const run: Run = { words: chars, numbers, telling: count(chars, (char) => !GRAMMAR.has(char)), exact: chars.length, whole: true, apart: !together }
  for (const list of CHINESE.map((name) => LISTS[name])) if (chars.every((char) => list.index.has(char))) found.set(list, run)
  return found
}

/** Parts and single words; what only may be one ("wait", "good morning") counts between two or next to one. */
function relevant(list: WordList, runs: Runs): Runs {
  const strong = [...runs].filter(([, run]) => suspicious(run, list) || (single(run) && run.telling === run.words.length)).map(([place]) => place)
  const taken = new Set(strong)
  if (!taken.size) return new Map()
  const weak = [...runs].filter(([place, run]) => run.whole && run.exact === run.words.length && !taken.has(place)).map(([place]) => place)
  for (const place of weak) if (Math.min(...strong) < place && place < Math.max(...strong)) taken.add(place)
  for (const place of weak) if ([-2, -1, 1, 2].some((by) => taken.has(place + by))) taken.add(place)
  return new Map([...runs].filter(([place]) => taken.has(place)))
}

/** Of single words only those that were typed in one go: at most three other messages lie between two. */
function close(runs: Runs): Runs {
  if (2 * count(runs.values(), (run) => run.words.length < FEWEST) <= runs.size) return runs
  const groups: number[][] = []
  for (const place of runs.keys()) {
    const group = groups.at(-1)
    if (group && place - (group.at(-1) as number) <= APART) group.push(place)
    else groups.push([place])
  }
  const most = groups.reduce((best, group) => (group.length > best.length ? group : best), [] as number[])
  // Word after word, with a remark now and then; in chat the short answers lie further apart.
  if (most.length && (most.at(-1) as number) - (most[0] as number) + 1 > 1.5 * most.length + 2) return new Map()
  return new Map(most.map((place) => [place, runs.get(place) as Run]))
}

function joinRuns(list: WordList, all: Runs): Joined | null {
  const runs = close(all)
  if (runs.size < 2 || [...runs.values()].reduce((sum, run) => sum + run.words.length, 0) < LEAST) return null
  let chain = byNumbers(runs) ?? inOrder(runs)
  const length = chain.words.length
  if (length < LEAST || new Set(chain.words).size < 0.75 * length || chain.pure < Math.min(8, 0.6 * length) || isExcerpt(chain.words, list)) return null
  const sure = new Set([...runs].filter(([, run]) => isSure(list, run)).map(([place]) => place))
  let valid = firstValid(chain, list)
  const without = valid ? null : withoutRemarks(list, runs, sure)
  if (without) {
    chain = without
    valid = [0, without.words.length]
  }
  // Of a phrase that is proved, three words in five may be everyday ones.
  const proved = valid !== null && valid[0] === 0 && valid[1] === chain.words.length
  if (chain.telling < (proved ? 0.4 : 0.6) * chain.words.length) return null
  if (!valid && !likely(list, runs, length)) return null
  let held = new Set(chain.pieces)
  const within = new Set(valid ? chain.pieces.slice(...valid) : [])
  // An everyday word before or behind the phrase stays ("hello").
  if ([...sure].every((place) => within.has(place))) held = within
  return {
    pieces: [...held].sort((one, other) => one - other), words: valid ? valid[1] - valid[0] : sizeOf(length, list),
    certainty: valid ? 'certain' : 'high',
  }
}

/** Whether pieces speak for themselves, without a right checksum. */
function likely(list: WordList, runs: Runs, length: number): boolean {
  if (runs.size * FEWEST > length && !oneAfterTheOther(list, runs)) return false
  if (isEveryday(list)) return list.sizes.includes(length)
  return !list.name.startsWith('chinese') || [...runs.values()].every((run) => run.apart)
}

/** Whether short messages without a right checksum are word after word of a phrase. */
function oneAfterTheOther(list: WordList, runs: Runs): boolean {
  const sure = [...runs.values()].filter((run) => isSure(list, run))
  const span = Math.max(...runs.keys()) - Math.min(...runs.keys()) + 1
  return sure.reduce((sum, run) => sum + run.words.length, 0) >= 8 && sure.length >= 0.55 * span
}

/** What only may be a part may as well be a remark between the parts: without some of them the whole may have a right checksum. */
function withoutRemarks(list: WordList, runs: Runs, sure: ReadonlySet<number>): Chain | null {
  const doubtful = [...runs.keys()].filter((place) => !sure.has(place))
  const words = [...sure].reduce((sum, place) => sum + (runs.get(place)?.words.length ?? 0), 0)
  if (!doubtful.length || doubtful.length > 4 || words < 8) return null
  const choices = Array.from({ length: 2 ** doubtful.length - 1 }, (_, bits) => doubtful.filter((_, n) => ((bits + 1) >> n) & 1))
  for (const dropped of choices.sort((one, other) => one.length - other.length)) {
    const chain = inOrder(new Map([...runs].filter(([place]) => !dropped.includes(place))))
    if (list.sizes.includes(chain.words.length) && right(chain.words, list)) return chain
  }
  return null
}

/** The first stretch of whole pieces whose checksum is right, of the longest. */
function firstValid({ words, pieces }: Chain, list: WordList): [number, number] | null {
  for (const size of list.sizes) {
    for (let low = 0; low + size <= words.length; low++) {
      const high = low + size
      if (low > 0 && pieces[low - 1] === pieces[low]) continue
      if (high < words.length && pieces[high - 1] === pieces[high]) continue
      if (right(words.slice(low, high), list)) return [low, high]
    }
  }
  return null
}

/** The words of all pieces behind one another; what a piece repeats of the end of those before it counts once. */
function inOrder(runs: Runs): Chain {
  const chain: Chain = { words: [], pieces: [], telling: 0, pure: 0 }
  for (const [place, run] of runs) {
    let overlap = Math.min(run.words.length, chain.words.length)
    while (overlap > 0 && chain.words.slice(-overlap).join(' ') !== run.words.slice(0, overlap).join(' ')) overlap--
    const fresh = run.words.slice(overlap)
    chain.words.push(...fresh)
    chain.pieces.push(...fresh.map(() => place))
    chain.telling += overlap ? Math.min(run.telling, fresh.length) : run.telling
    if (run.whole || numbered(run)) chain.pure += fresh.length
  }
  return chain
}

/** The words in the order of their numbers, when enough have one. */
function byNumbers(runs: Runs): Chain | null {
  const found = new Map<number, { word: string; place: number }>()
  let telling = 0
  for (const [place, run] of runs) {
    if (!numbered(run)) continue
    telling += run.telling
    run.numbers.forEach((number, n) => found.set(number, { word: run.words[n] as string, place }))
  }
  if (found.size < LEAST) return null
  const ordered = [...found].sort(([one], [other]) => one - other).map(([, each]) => each)
  return { words: ordered.map(({ word }) => word), pieces: ordered.map(({ place }) => place), telling, pure: ordered.length }
}
