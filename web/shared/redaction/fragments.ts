/** Phrases that are typed over several messages: what may be a part of one, and which parts make a whole. */

import type { Certainty } from './findings'
import { fold } from './folding'
import { hasCommonPair } from './lists'
import { ascii, number, pattern, wholePattern, words } from './rules'
import { piecesOf, upTo, weighed, type Piece, type Weighed } from './weighing'
import { glimpse } from './weights'

const LONGEST = number('fragments.LONGEST')
const MOST_PIECES = number('fragments.MOST_PIECES')
const PART = number('fragments.PART')
const PART_AMONG_TALK = number('fragments.PART_AMONG_TALK')
const WORD_ALONE = number('fragments.WORD_ALONE')
const NEXT = number('fragments.NEXT')
const FEWEST = number('fragments.FEWEST')
const SHORT = number('fragments.SHORT')
const POLITE = words('support_words.POLITE')
const MARKER = pattern('redact.MARKER')
const HAN_ROW = wholePattern('fragments.HAN_ROW')
// Those of Python, which parts words also at the separators of ASCII.
const BLANKS = /[\s\x1c-\x1f\x85]+/

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
  if (!running && glimpse(lower) <= 0 && !isAlone(lower)) return false
  for (const piece of piecesOf(lower, running)) if (mayBePart(piece, running)) return true
  return false
}

function mayBePart(piece: Piece, running: boolean): boolean {
  if (piece.whole) return running || piece.weight >= WORD_ALONE || !piece.words.every((word) => POLITE.has(word))
  return (piece.pure && piece.words.length >= FEWEST && piece.weight >= PART) || piece.weight >= (running ? NEXT : PART_AMONG_TALK)
}

/** A word or two, perhaps with a number. */
function isAlone(lower: string): boolean {
  return lower.length <= SHORT && lower.split(BLANKS).filter(Boolean).length <= 3
}

/** Longer messages are no part of a phrase; the server counts code points. */
function isLong(text: string): boolean {
  return text.length > LONGEST && [...text].length > LONGEST
}

/** Which of the newest messages of one author, oldest first, together are a recovery phrase. Other messages may lie between. */
export function join(messages: readonly string[]): Joined | null {
  const skipped = Math.max(0, messages.length - MOST_PIECES)
  const texts = messages.slice(skipped).map((text) => (isLong(text) ? '' : readable(text)))
  const begins: number[] = []
  let length = 0
  for (const text of texts) {
    begins.push(length)
    length += text.length + 1
  }
  let best: { places: number[]; one: Weighed } | null = null
  for (const one of weighed(texts.join('\n'), begins)) {
    const places = [...new Set(one.tokens.map((token) => upTo(begins, token.start) - 1))].sort((a, b) => a - b)
    if (places.length > 1 && (!best || rank(one, best.one) > 0)) best = { places, one }
  }
  if (!best) return null
  const { places, one } = best
  return { pieces: places.map((place) => place + skipped), words: one.phrase.words, certainty: one.phrase.certainty }
}

function rank(one: Weighed, other: Weighed): number {
  return Number(one.phrase.certainty === 'certain') - Number(other.phrase.certainty === 'certain') || one.weight - other.weight
}

/** Folded, without markers; a message of nothing but Chinese characters that make no word, with spaces between. */
function readable(text: string): string {
  const { lower } = fold(text.replace(MARKER, '\n'))
  const row = ascii(lower) ? null : (HAN_ROW.exec(lower)?.[1] ?? null)
  return row === null || hasCommonPair(row) ? lower : [...row].join(' ')
}
