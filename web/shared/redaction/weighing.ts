/**
 * Recovery phrases by weight of evidence, whatever stands between their words: each word speaks for a phrase of a list or
 * for everyday language (`weights`); the stretch that speaks most is looked at more closely. One list after the other;
 * linear.
 */

import { isAlphabetical, isCategory, isCrossword, isExcerpt } from './evidence'
import type { Certainty } from './findings'
import { CHINESE, hasCommonPair, HAN, LISTS, MASK, SPACED, type WordList } from './lists'
import { count, countsOf, frequencies, has, matches, number, pattern, row, words as wordsOf } from './rules'
import { sizeOf, validWindows, type Phrase } from './sizes'
import { allPrefixes, coreOf, EVERYDAY, meant, PREFIX, prefixes } from './spelling'
import { LEAST, NUMERALS, SUPPORT, tokensOf, type Token } from './tokens'
import { cover } from './unbroken'
import { APART, JOINING, JOINS, NUMBERS, OTHER, SAID, TALK, weights } from './weights'

/** What a stretch has to weigh. */
export const ENOUGH = number('weighing.ENOUGH')
const SURE = number('weighing.SURE')
const TOO_MUCH = number('weighing.TOO_MUCH')
const PURE = number('weighing.PURE')
const NUMBERED = number('weighing.NUMBERED')
const RIGHT = number('weighing.RIGHT')
const ALONE = number('weighing.ALONE')
const TELLS = number('weighing.TELLS')
const MISSPELT = number('weighing.MISSPELT')
const SHORT_MISSPELT = number('weighing.SHORT_MISSPELT')
const SHORTEST_MISSPELT = number('weighing.SHORTEST_MISSPELT')
const FORM = number('weighing.FORM')
const CUT = number('weighing.CUT')
const CUT_ALONE = number('weighing.CUT_ALONE')
const AGAIN = number('weighing.AGAIN')
const NOT_PARTED = number('weighing.NOT_PARTED')
const EXACT = number('weighing.EXACT')
const WITH_GAPS = number('weighing.WITH_GAPS')
const LEAST_ALONE = number('weighing._ALONE')
const ENOUGH_ALONE = number('weighing.ENOUGH_ALONE')
const NEAR = number('weighing.NEAR')
const TOGETHER = number('weighing.TOGETHER')
const OFTEN = number('weighing.OFTEN')
const FORMS = row('weighing.FORMS')
const LABEL = pattern('weighing.LABEL')
const PART = pattern('weighing.PART')
const MISSING = pattern('weighing.MISSING')
const NUMBER = pattern('weighing.NUMBER')
const COMPOUNDS = wordsOf('things.COMPOUNDS')
/** Words that are themselves, never misspelt list words. */
const NO_SLIP: ReadonlySet<string> = new Set([...EVERYDAY, ...SUPPORT])
const NAMES = [...SPACED, ...CHINESE]

/** What a token says for a list: the list word that it stands for ('' for none), and how much. `soft`: misspelt. `place`: of the token. */
interface Part {
  word: string
  weight: number
  soft: boolean
  place: number
}

/** `tokens`: those that stand for list words. */
export interface Weighed {
  phrase: Phrase
  tokens: readonly Token[]
  weight: number
}

/** A stretch of a message that speaks for a list. `pure`: nothing else stands among its words; `whole`: nor in the message. */
export interface Piece {
  weight: number
  words: readonly string[]
  pure: boolean
  whole: boolean
}

/** What is searched: `begins` says where each of several messages, that are one below the other, begins. */
interface Page {
  lower: string
  tokens: readonly Token[]
  list: WordList
  begins: readonly number[]
}

const total = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + part.weight, 0)
const isListed = (word: string): boolean => MASK.has(word) || HAN.has(word)
const isChinese = (list: WordList): boolean => CHINESE.some((name) => name === list.name)

/** How many of the places, in order, are not behind this one. */
export function upTo(places: readonly number[], place: number): number {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle] as number) <= place) low = middle + 1
    else high = middle
  }
  return low
}

/** The phrases in a folded text, in order of lists; those of different lists may overlap. */
export function weighed(text: string, begins: readonly number[] = []): Weighed[] {
  const lower = text.replace(LABEL, (found) => ' '.repeat(found.length))
  const tokens = cleaned(lower, units(lower))
  const cut = isCut(tokens)
  const found: Weighed[] = []
  for (const list of NAMES.map((name) => LISTS[name])) {
    const of = weights(list)
    if (!cut && tokens.reduce((sum, token) => sum + Math.max(0, of.get(token.word) ?? 0), 0) < 0.5 * ENOUGH) continue
    const page = { lower, tokens, list, begins }
    const parts = begins.length ? withMessages(partsOf(tokens, list, cut), page) : partsOf(tokens, list, cut)
    for (const core of stretches(parts, ENOUGH - PURE - NUMBERED - RIGHT)) found.push(...judged(page, parts, core))
  }
  return found
}

/** What a message says by itself. `running`: after another piece a word alone may be misspelt. */
export function* piecesOf(lower: string, running: boolean): Generator<Piece> {
  const tokens = cleaned(lower, units(lower))
  const cut = running || count(tokens, (token) => allPrefixes().has(token.word)) > 0.5 * tokens.length
  for (const name of NAMES) {
    const parts = partsOf(tokens, LISTS[name], cut)
    const whole = parts.length > 0 && parts.every((part) => part.word)
    for (const [first, last] of whole ? [[0, parts.length - 1] as const] : stretches(parts, 0.1)) {
      const stretch = parts.slice(first, last + 1)
      const words = stretch.flatMap((part) => part.word || [])
      yield { weight: total(stretch), words, pure: words.length === stretch.length, whole }
    }
  }
}

/** The words; of Chinese each character, where no more than three stand together that make no word. */
function units(lower: string): Token[] {
  return tokensOf(lower).flatMap((token) => {
    const { start, word } = token
    const first = word.charAt(0)
    if (word.length > 1 && word.length <= TOGETHER && HAN.has(first) && !NUMERALS.has(word) && !hasCommonPair(word)) {
      return [...word].map((char, at) => ({ start: start + at, end: start + at + 1, word: char }))
    }
    return first >= '\u3041' && first <= '\u3096' ? { ...token, word: coreOf(word) } : token
  })
}

/** Without numbers, labels and fillers. */
function cleaned(lower: string, tokens: readonly Token[]): Token[] {
  // A label never stands beside itself.
  const counts = countsOf(tokens.flatMap(({ word }, at) => (word === tokens[at - 1]?.word ? [] : word)))
  const labels = countsOf([...matches(PART, lower)].map((match) => match[1] as string))
  const hits = count(counts.keys(), isListed)
  const numbers = count(counts.keys(), (word) => NUMBERS.has(word)) >= OFTEN

  const stays = (word: string): boolean => {
    if (NUMERALS.has(word) || (labels.get(word) ?? 0) > 1 + Number(MASK.has(word)) || (numbers && NUMBERS.has(word))) return false
    const times = counts.get(word) ?? 0
    if (JOINING.has(word)) return times < OFTEN || !(times >= 0.6 * hits || isRegular(word, tokens))
    const listed = isListed(word)
    return times < Math.max(OFTEN + Number(listed), 0.2 * hits) && (listed || !TALK.has(word))
  }

  // Once for each word: a long text repeats them.
  const staying = new Set([...counts.keys()].filter(stays))
  return tokens.filter((token) => staying.has(token.word))
}

/** Whether a word stands at every third place or so, as "is" does in "word 1 is …, word 2 is …". */
function isRegular(word: string, tokens: readonly Token[]): boolean {
  const places = tokens.flatMap((token, place) => (token.word === word ? place : []))
  const steps = frequencies(places.slice(1).map((right, at) => right - (places[at] as number)))
  const [step, times] = steps[0] ?? [0, 0]
  return places.length > OFTEN && step <= OFTEN && times >= 0.7 * (places.length - 1)
}

/** Whether many words are cut to four letters, as on plates of metal. */
function isCut(tokens: readonly Token[]): boolean {
  return count(tokens, (token) => allPrefixes().has(token.word)) >= Math.max(EXACT, 0.2 * tokens.length)
}

function partsOf(tokens: readonly Token[], list: WordList, cut: boolean): Part[] {
  const of = weights(list)
  const han = isChinese(list)
  const known = tokens.map((token) => of.has(token.word))
  const parts: Part[] = []
  let halves = false
  tokens.forEach(({ word }, place) => {
    const next = tokens[place + 1]
    const both = next ? word + next.word : ''
    const ofBoth = of.get(both)
    const ofWord = of.get(word)
    if (halves) {
      halves = false
    } else if (ofBoth !== undefined && !han && !(known[place] && known[place + 1])) {
      halves = true
      parts.push({ word: both, weight: ofBoth + NOT_PARTED, soft: false, place }, { word: both, weight: 0, soft: false, place: place + 1 })
    } else if (ofWord !== undefined) {
      const again = !han && (word === parts.at(-1)?.word || word === parts[Math.max(0, parts.length - 2)]?.word)
      parts.push({ word, weight: han ? ofWord + APART : again ? Math.max(0, AGAIN * ofWord) : ofWord, soft: false, place })
    } else if (!han && !NO_SLIP.has(word) && (cut || known.slice(Math.max(0, place - NEAR), place + NEAR + 1).includes(true))) {
      parts.push(...likely(word, place, list, cut))
    } else {
      parts.push({ word: '', weight: against(word), soft: false, place })
    }
  })
  return parts
}

/** What a word that is not on the list may be on it. */
function likely(word: string, place: number, list: WordList, cut: boolean): Part[] {
  const of = weights(list)
  const whole = word.length === PREFIX ? prefixes(list).get(word) : undefined
  if (whole !== undefined) return [{ word: whole, weight: cut ? CUT : CUT_ALONE, soft: false, place }]
  const compound = COMPOUNDS.has(word)
  const like = compound ? null : meant(word, list)
  if (like === null) {
    const covered = compound ? [] : cover(word, list)
    return covered.length
      ? covered.map((each) => ({ word: each, weight: (of.get(each) as number) + NOT_PARTED, soft: false, place }))
      : [{ word: '', weight: against(word), soft: false, place }]
  }
  const form = word.startsWith(like) && FORMS.includes(word.slice(like.length))
  const letters = word < '\u3041' ? word.length : 2 * word.length
  const weight = letters < PREFIX ? SHORTEST_MISSPELT : letters === PREFIX ? SHORT_MISSPELT : MISSPELT
  return [{ word: like, weight: form ? FORM : weight, soft: true, place }]
}

function against(word: string): number {
  if (TALK.has(word)) return SAID
  if (JOINING.has(word)) return JOINS
  return word < '\u3041' ? OTHER : OTHER * Math.min(2, Math.max(1, word.length / 3))
}

const messageOf = ({ tokens, begins }: Page, part: Part): number => upTo(begins, (tokens[part.place] as Token).start)

/** Words of messages that are nothing but list words weigh more. */
function withMessages(parts: readonly Part[], page: Page): Part[] {
  const mixed = new Set(parts.filter((part) => !part.word).map((part) => messageOf(page, part)))
  return parts.map((part) => (mixed.has(messageOf(page, part)) || part.weight < TELLS ? part : { ...part, weight: part.weight + ALONE }))
}

/** First and last of each heaviest stretch. */
function stretches(parts: readonly Part[], least: number): [number, number][] {
  const found: [number, number][] = []
  let [score, best, first, last] = [0, 0, 0, 0]
  for (let at = 0; at <= parts.length; at++) {
    const part = parts[at]
    if (score <= 0 || best - score > TOO_MUCH || !part) {
      if (best >= least && best > 0) found.push([first, last])
      score = best = 0
      first = at
    }
    score += part?.weight ?? 0
    if (score > best) {
      best = score
      last = at
    }
  }
  return found
}

/**
 * A stretch with the list words beside it, that are everyday words too; also over one other word, when one that tells
 * something comes soon behind it. `step`: 1 from its last, -1 from its first.
 */
function reach(parts: readonly Part[], at: number, step: number): number {
  let stray = false
  for (let part = parts[at + step]; part; part = parts[at + step]) {
    if (!part.word || part.soft) {
      const beyond = [2, 3, 4].flatMap((n) => parts[at + n * step] ?? [])
      const soon = beyond.findIndex((each) => each.weight >= 1)
      if (stray || soon < 0 || !beyond.slice(0, soon + 1).every((each) => each.word && !each.soft)) break
      stray = true
      at += step
    }
    at += step
  }
  return at
}

function judged(page: Page, all: readonly Part[], core: readonly [number, number]): Weighed[] {
  const { lower, tokens, list } = page
  const tokenOf = (part: Part): Token => tokens[part.place] as Token
  const parts = all.slice(reach(all, core[0], -1), reach(all, core[1], 1) + 1)
  const ofWords = parts.filter((part) => part.word)
  const words = ofWords.map((part) => part.word)
  const different = new Set(words).size
  const { start } = tokenOf(parts[0] as Part)
  const { end } = tokenOf(parts.at(-1) as Part)
  const soft = count(parts, (part) => part.soft)
  const pure = words.length === parts.length
  // Its beginning may stand behind talk, in a message that nobody held.
  const alone = pure && new Set(parts.map((part) => messageOf(page, part))).size > 2
  const others = parts.length - words.length - count(parts, (part) => part.weight === SAID)
  const gaps = words.length > different || words.length + others >= 12 || has(MISSING, lower, start, end)
  const least = alone ? LEAST_ALONE : gaps ? WITH_GAPS : LEAST
  const windows = soft ? [] : validWindows(words, list)
  const right = windows.some(([low, high]) => words.length - (high - low) <= 3)
  if (!right && (different < least || words.length - soft < EXACT || soft > 0.34 * words.length)) return []
  const weight = total(all.slice(core[0], core[1] + 1)) +
    (RIGHT * Number(right) + PURE * Number(pure) + NUMBERED * Number(areNumbered(lower, tokens, ofWords)))
  if (weight < (alone && different < LEAST ? ENOUGH_ALONE : ENOUGH) || others > 1 + words.length / 8) return []
  if (isExcerpt(ofWords.filter((part) => !part.soft).map((part) => part.word), list)) return []
  const written = parts.map((part) => tokenOf(part).word)
  if (!right && (isAlphabetical(words) || isCategory(words) || isCategory(written) || isCrossword(lower.slice(start, end + 5)))) return []
  const certainty: Certainty = right ? 'certain' : weight >= SURE ? 'high' : 'ambiguous'
  const [low, high] = windows[0] ?? [0, 0]
  return [{ phrase: { start, end, words: right ? high - low : sizeOf(different, list), certainty }, tokens: ofWords.map(tokenOf), weight }]
}

/** Whether nearly all of the words have numbers of their own before them, in any order. */
function areNumbered(lower: string, tokens: readonly Token[], parts: readonly Part[]): boolean {
  const numbers = parts.flatMap(({ place }) => {
    const { start } = tokens[place] as Token
    const before = tokens[place - 1]?.end ?? 0
    return [...matches(NUMBER, lower, Math.max(before, start - 8), start)].at(-1)?.[0] ?? []
  })
  return new Set(numbers).size >= 0.8 * parts.length
}
