/**
 * One form for all ways of writing a letter. One character (code point) of the text becomes one UTF-16 unit or none, so
 * that places in a folded text are those of the server's engine.
 */

import { ascii, has, matches, pattern, text } from './rules'

const SPECIAL = pattern('folding.SPECIAL')
const CLUSTER = pattern('folding.CLUSTER')
// The zeros of the decimal digits of scripts that people type; and letters that no normal form takes apart, each before what
// stands for it.
const ZEROS = text('folding.ZEROS')
const PLAIN = text('folding.PLAIN')
/** Stands for what lies outside of the first plane (emoji, rare Han) and is no letter here: a private code point. */
const ELSEWHERE = '\ue000'
/** Stand for emoji of there, which end a sentence, and for its digits with a comma: ones of the first plane. */
const EMOJI = '\u2600'
const WITH_COMMA = '\u24ff'

const folds = new Map<number, string>()
for (const zero of ZEROS) for (let digit = 0; digit < 10; digit++) folds.set(zero.charCodeAt(0) + digit, String(digit))
for (let at = 0; at < PLAIN.length; at += 2) folds.set(PLAIN.charCodeAt(at), PLAIN.charAt(at + 1))

function folded(code: number): string {
  let fold = folds.get(code)
  if (fold === undefined) {
    fold = worked(String.fromCodePoint(code))
    folds.set(code, fold)
  }
  return fold
}

function worked(char: string): string {
  // Halves of such a character, as JSON writes it, are not to become one.
  if (char.length === 1 && char >= '\ud800' && char <= '\udfff') return ELSEWHERE
  if (/[\u{1f300}-\u{1faff}]/u.test(char)) return EMOJI
  if (/[\u{1f100}-\u{1f10a}]/u.test(char)) return WITH_COMMA
  const composed = char.normalize('NFKC')
  if ([...composed].length !== 1) return char.length > 1 ? ELSEWHERE : char
  const base = composed.normalize('NFD').codePointAt(0) ?? 0
  if (base >= 0x30a1 && base <= 0x30f6) return String.fromCharCode(base - 0x60)
  if (base < 0x80 || (base >= 0x3041 && base <= 0x3096)) return String.fromCharCode(base)
  return composed.length > 1 ? ELSEWHERE : composed
}

/** `plain` and `lower` (the same in lower case) have the same length; `offsets` are null where places are equal. */
export class Folded {
  constructor(
    readonly plain: string,
    readonly lower: string,
    private readonly offsets: readonly number[] | null,
  ) {}

  /** The original's span; it takes in the invisible characters inside and right behind. */
  span(start: number, end: number): [number, number] {
    return this.offsets ? [this.offsets[start] ?? 0, this.offsets[end] ?? 0] : [start, end]
  }
}

export function fold(text: string): Folded {
  // A backslash may begin a character as JSON writes it.
  if (ascii(text) && !text.includes('\\u')) return new Folded(text, text.toLowerCase(), null)
  const pieces: string[] = []
  const offsets: number[] = []
  const take = (from: number, to: number): void => {
    for (let at = from; at < to; at++) {
      const code = text.codePointAt(at) ?? 0
      pieces.push(code < 0x80 ? String.fromCharCode(code) : folded(code))
      offsets.push(at)
      if (code > 0xffff) at++
    }
  }
  let place = 0
  if (has(SPECIAL, text)) {
    for (const match of matches(CLUSTER, text)) {
      take(place, match.index)
      place = match.index + match[0].length
      const first = match[0].charCodeAt(0)
      const escaped = match[0].startsWith('\\')
      if (escaped || (first >= 0x1100 && first <= 0x115f)) {
        pieces.push(folded(escaped ? parseInt(match[0].slice(2), 16) : match[0].normalize('NFC').charCodeAt(0)))
        offsets.push(match.index)
      }
    }
  }
  take(place, text.length)
  offsets.push(text.length)
  const plain = pieces.join('')
  let lower = plain.toLowerCase()
  if (lower.length !== plain.length) {
    // A few capitals have two lower-case characters; they belong to no secret.
    lower = pieces.map((char) => (char.toLowerCase().length === 1 ? char.toLowerCase() : char)).join('')
  }
  return new Folded(plain, lower, offsets)
}
