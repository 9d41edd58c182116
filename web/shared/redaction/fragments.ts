/** Phrases that are typed over several messages: what may be a part of one, and which parts make a whole. */

import type { Certainty } from './findings'
import { fold } from './folding'
import { hasCommonPair, HAN, MASK } from './lists'
import { withoutLabels } from './parts'
import { ascii, count, matches, number, pattern, wholePattern, words } from './rules'
import { allPrefixes } from './spelling'
import { NUMERALS, wordsIn } from './tokens'
import { piecesOf, upTo, weighed, type Piece, type Weighed } from './weighing'
import { glimpse, NUMBERS, weightOfHan } from './weights'

const LONGEST = number('fragments.LONGEST')
const MOST_PIECES = number('fragments.MOST_PIECES')
const PART = number('fragments.PART')
const PART_OF_TWO = number('fragments.PART_OF_TWO')
const PART_AMONG_TALK = number('fragments.PART_AMONG_TALK')
const WORD_ALONE = number('fragments.WORD_ALONE')
const NEXT = number('fragments.NEXT')
const FEWEST = number('fragments.FEWEST')
const ROW = number('fragments.ROW')
const COUNTED = words('fragments.COUNTED')
const ROMAN = words('fragments.ROMAN')
const LABELLED = number('fragments.LABELLED')
const NUMBERED = pattern('fragments.NUMBERED')
const ROWS = pattern('fragments.ROWS')
const POLITE = words('support_words.POLITE')
const REMARKS = words('fragments.REMARKS')
const MARKER = pattern('redact.MARKER')
const HAN_ROW = wholePattern('fragments.HAN_ROW')
// What Python takes for digits, of what is left when a text is folded: also those with a circle, brackets or a full stop.
const DIGIT = /[\p{Nd}\u1369-\u1371\u19da\u2474-\u247c\u2488-\u2490\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792]/u
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
  if (isList(lower) || isLabelled(lower)) return true
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

/** Whether a message is one list word behind its number or ordinal ("word 3: apple", "third apple"). */
function isLabelled(lower: string): boolean {
  const plain = withoutLabels(lower)
  const written = wordsIn(plain)
  const last = written.pop()
  if (last === undefined || written.length >= LABELLED || !isWord(last) || COUNTED.has(last)) return false
  return plain !== lower || DIGIT.test(lower) || written.some((word) => (NUMBERS.has(word) || NUMERALS.has(word)) && !ROMAN.has(word))
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
