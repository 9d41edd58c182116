/** Phrases that are typed over several messages: what may be a part of one, and which parts make a whole. */

import type { Certainty } from './findings'
import { fold } from './folding'
import { withoutLabels } from './labels'
import { hasCommonPair, HAN, LISTS, MASK, SPACED } from './lists'
import { ascii, count, has, matches, number, pattern, total, upTo, wholePattern, words } from './rules'
import { allPrefixes } from './spelling'
import { NUMBERING, NUMERALS, wordsIn } from './tokens'
import { piecesOf, SENTENCE, weighed, type Piece, type Weighed } from './weighing'
import { glimpse, NUMBERS, weightOfHan, withCut } from './weights'

const LONGEST = number('fragments.LONGEST')
const MOST_PIECES = number('fragments.MOST_PIECES')
const PART = number('fragments.PART')
const PART_OF_TWO = number('fragments.PART_OF_TWO')
const PART_AMONG_TALK = number('fragments.PART_AMONG_TALK')
const WORD_ALONE = number('fragments.WORD_ALONE')
const NEXT = number('fragments.NEXT')
const FEWEST = number('fragments.FEWEST')
const AT_EDGE = number('fragments.AT_EDGE')
const ROW = number('fragments.ROW')
const COUNTED = words('fragments.COUNTED')
const ROMAN = words('fragments.ROMAN')
const LABELLED = number('fragments.LABELLED')
const NUMBER = pattern('fragments.NUMBER')
const NUMBERED = pattern('fragments.NUMBERED')
const ROWS = pattern('fragments.ROWS')
const POLITE = words('support_words.POLITE')
const REMARKS = words('fragments.REMARKS')
const MARKER = pattern('redact.MARKER')
const HAN_ROW = wholePattern('fragments.HAN_ROW')
// Blanks as Python sees them, which strips also the separators of ASCII, but no byte order mark.
const OUTER_BLANKS = /^(?:[^\S\ufeff]|[\x1c-\x1f\x85])+|(?:[^\S\ufeff]|[\x1c-\x1f\x85])+$/g

const stripped = (text: string): string => text.replace(OUTER_BLANKS, '')
const isWord = (text: string): boolean => MASK.has(text) || HAN.has(text)

/** `pieces`: places (in the given order) of the messages that together hold a phrase. */
export interface Joined {
  pieces: number[]
  words: number
  certainty: Certainty
}

/** Whether a message may be a part of a recovery phrase. `running`: its author has just sent one that may be. */
export function mayBePiece(text: string, running: boolean): boolean {
  if (isLong(text)) return false
  const lower = readable(text)
  const written = wordsIn(lower)
  const alone = written.every((word) => MASK.has(word) || HAN.has(word.charAt(0)) || allPrefixes().has(word))
  if (isList(lower) || isLabelled(lower, running) || (running && isLeftOver(lower))) return true
  if (!running && !alone && glimpse(written) < PART && count(matches(NUMBERED, lower), () => true) < FEWEST) return false
  // What was hidden already stands in the message as well.
  const marked = text.includes('⛔')
  for (const piece of piecesOf(lower, running)) {
    if (mayBePart(marked ? { ...piece, whole: false } : piece, running)) return true
  }
  return false
}

/** Whether a message, or what stands behind its talk, is list words one by one: one a line, or with commas. */
function isList(lower: string): boolean {
  const rows = lower.split(ROWS).map(stripped)
  while (rows.at(-1) === '') rows.pop()
  const listed = new Set<string>()
  for (let row = rows.pop(); row !== undefined && isWord(row); row = rows.pop()) listed.add(row)
  return count(listed, (word) => !POLITE.has(word)) >= FEWEST
}

const isNumber = (word: string): boolean => NUMBERS.has(word) || NUMBERING.has(word) || NUMERALS.has(word)

/**
 * Whether a message is one list word behind its number or ordinal ("word 3: apple", "third apple"), or before that of the next
 * one ("apple, word 4:"). `running`: after another piece also what is counted otherwise.
 */
function isLabelled(lower: string, running: boolean): boolean {
  // Most messages end here.
  if (wordsIn(lower).length > 2 * LABELLED) return false
  const plain = withoutLabels(lower)
  const written = wordsIn(plain)
  if (written.length > LABELLED) return false
  const own = written.filter((word) => !isNumber(word))
  const numbered = has(NUMBER, lower)
  const cut = own.length === 1 && (running || numbered)
  const last = [...own.slice(0, 1), ...own.slice(-1)].findLast((word) => isWord(word) || (cut && allPrefixes().has(word)))
  if (last === undefined || (!running && COUNTED.has(last))) return false
  // A letter alone numbers nothing by itself, nor does a number in words behind the word.
  const says = (word: string): boolean => isNumber(word) && (running || !NUMBERING.has(word)) && !ROMAN.has(word)
  return plain !== lower || numbered || written.slice(0, written.indexOf(last)).some(says)
}

/**
 * Whether a message that stands beside a part of a phrase holds words of it, though it may have an everyday word only: a sentence
 * that is nothing else, or a stretch that weighs enough.
 */
function isLeftOver(readableText: string): boolean {
  const lower = withoutLabels(readableText)
  return isLabelled(lower, true) || isList(lower) || beginsOrEnds(wordsIn(lower)) || lower.split(SENTENCE).some(holdsWords)
}

function holdsWords(sentence: string): boolean {
  for (const piece of piecesOf(sentence, true)) {
    const { words: written, weight, others, whole } = piece
    if (whole && (tells(piece) || (written.length === 1 && HAN.has(written[0] as string)))) return true
    if (new Set(written).size > Math.max(1, 3 * others) && weight >= PART) return true
  }
  return false
}

/** Whether words of one list that tell something stand in a row at the beginning or the end of a message. */
function beginsOrEnds(written: readonly string[]): boolean {
  return [written, [...written].reverse()].some((row) => {
    const first = (of: { has(word: string): boolean }): readonly string[] => {
      const end = row.findIndex((word) => !of.has(word))
      return end < 0 ? row : row.slice(0, end)
    }
    return first(HAN).length >= FEWEST || SPACED.map((name) => withCut(LISTS[name])).some((of) => {
      const run = first(of)
      return run.length >= FEWEST && total(run.map((word) => of.get(word) as number)) >= AT_EDGE
    })
  })
}

function mayBePart(piece: Piece, running: boolean): boolean {
  // An everyday word alone ("first", "message") begins no phrase: half of all short answers would be held.
  if (piece.whole) return running || piece.numbered || (piece.weight >= WORD_ALONE && tells(piece))
  return isPart(piece) || piece.weight >= (running ? NEXT : PART_AMONG_TALK)
}

/** Whether words are none that people write alone. */
function tells({ words: written, numbered }: Piece): boolean {
  return numbered || ![POLITE, REMARKS].some((these) => written.every((word) => these.has(word)))
}

function isPart({ words: written, weight, others }: Piece): boolean {
  return others === 0 && weight >= (written.length >= FEWEST ? PART : PART_OF_TWO)
}

/** Longer messages are no part of a phrase; the server counts code points. */
function isLong(text: string): boolean {
  return text.length > LONGEST && [...text].length > LONGEST
}

/** Which of the newest messages of one author, oldest first, together are a recovery phrase. Other messages may lie between. */
export function join(messages: readonly string[]): Joined | null {
  const skipped = Math.max(0, messages.length - MOST_PIECES)
  const texts = messages.slice(skipped).map((text) => (mayBePiece(text, true) ? readable(text) : ''))
  // What people write alone may as well be a remark between the parts: without a proof they have to do without.
  const told = texts.map((text) => [...piecesOf(text, true)].some(tells))
  let best = surest(texts)
  const proved = best?.one.phrase.certainty === 'certain'
  if (!best || !proved || 4 * count(best.places, (place) => told[place] === true) < 3 * best.places.length) {
    best = surest(texts.map((text, place) => (told[place] ? text : '')))
  }
  if (!best) return null
  const { places, one } = best
  const [first, last] = [places[0] as number, places.at(-1) as number]
  // An everyday word alone between two parts is a part.
  const pieces = texts.flatMap((text, place) => (
    places.includes(place) || (first < place && place < last && isWord(stripped(text))) ? place + skipped : []
  ))
  return { pieces, words: one.phrase.words, certainty: one.phrase.certainty }
}

/** The surest phrase that lies in several messages, and which they are. */
function surest(texts: readonly string[]): { places: number[]; one: Weighed } | null {
  const begins: number[] = []
  let length = 0
  for (const text of texts) {
    begins.push(length)
    length += text.length + 1
  }
  let best: { places: number[]; one: Weighed } | null = null
  for (const one of weighed(texts.join('\n'), begins)) {
    const places = [...new Set(one.tokens.map((token) => upTo(begins, token.start) - 1))]
    if (places.length > 1 && (!best || rank(one, best.one) > 0)) best = { places, one }
  }
  return best && { places: best.places.sort((a, b) => a - b), one: best.one }
}

function rank(one: Weighed, other: Weighed): number {
  return Number(one.phrase.certainty === 'certain') - Number(other.phrase.certainty === 'certain') || one.weight - other.weight
}

/** Folded, without markers; a message of nothing but Chinese characters that make no word, with spaces between. */
function readable(text: string): string {
  const { lower } = fold(text.replace(MARKER, '\n'))
  const row = ascii(lower) ? null : (HAN_ROW.exec(lower)?.[1] ?? null)
  return row === null || mean(row) < ROW || hasCommonPair(row) ? lower : [...row].join(' ')
}

/** What each of some Chinese characters weighs. */
const mean = (chars: string): number => weightOfHan(chars) / chars.length
