/** The one entrance: which secrets stand in a text. */

import { findValues, mayHoldValue } from './codes'
import { RANK, SECRET, type Finding } from './findings'
import { fold } from './folding'
import { findKeys, mayHoldKey } from './keys'
import { findPhrases, mayHoldPhrase } from './phrases'
import { matches, pattern, search } from './rules'

// Longer texts are looked at in windows of this many characters that overlap by more than the longest secret.
const WINDOW = 16 * 1024
const OVERLAP = 4 * 1024
// How far from its edge a window may begin or end at a blank.
const WORD = 512
const BLANK = pattern('redact.BLANK')
const MARKER = pattern('redact.MARKER')

/** What is found in a text, in order, without overlap. Never fails; linear in the length. */
export function findSecrets(text: string): Finding[] {
  if (!mayHoldSecret(text)) return []
  const found: Finding[] = []
  let start = 0
  for (const match of matches(MARKER, text)) {
    found.push(...inPart(text, start, match.index))
    start = match.index + match[0].length
  }
  return [...found, ...inPart(text, start, text.length)]
}

/** The text without what was found, and without the blanks that would be left behind. */
export function without(text: string, found: readonly Finding[]): string {
  let start = 0
  let rest = ''
  for (const one of found) {
    rest += text.slice(start, one.start).replace(/[^\S\n]+$/, ' ')
    start = one.end
  }
  return (rest + text.slice(start).replace(/^[^\S\n]+/, rest.endsWith(' ') ? '' : ' ')).trim()
}

/** The cheap look that ordinary messages end at. */
function mayHoldSecret(text: string): boolean {
  const folded = fold(text)
  if (mayHoldValue(folded.lower)) return true
  // Eleven Chinese characters are a phrase.
  return text.length >= 11 && (mayHoldKey(folded.plain) || mayHoldPhrase(folded.lower))
}

const moved = (one: Finding, by: number): Finding => ({ ...one, start: one.start + by, end: one.end + by })

/** Between two markers. What is hidden ends the context of what stands beside it: so the remaining parts are looked at
 * again, each by itself, until nothing more is found. */
function inPart(text: string, start: number, end: number): Finding[] {
  const waiting: [number, number][] = [[start, end]]
  const found: Finding[] = []
  for (let part = waiting.pop(); part; part = waiting.pop()) {
    let [place] = part
    const here = inWindows(text.slice(...part)).map((one) => moved(one, part[0]))
    for (const one of here) {
      found.push(one)
      waiting.push([place, one.start])
      place = one.end
    }
    if (here.length) waiting.push([place, part[1]])
  }
  return found.sort((one, other) => one.start - other.start)
}

function inWindows(text: string): Finding[] {
  if (text.length <= WINDOW) return look(text)
  const found: Finding[] = []
  for (let low = 0; ;) {
    let high = low + WINDOW
    // At a blank: a piece of a longer row of letters or digits is something else than the row.
    if (high < text.length) {
      const edge = text.slice(high - WORD, high)
      const blank = Math.max(edge.lastIndexOf(' '), edge.lastIndexOf('\n'))
      if (blank >= 0) high += blank + 1 - WORD
    }
    found.push(...look(text.slice(low, high)).map((one) => moved(one, low)))
    if (high >= text.length) return merged(found)
    low = high - OVERLAP
    const blank = search(BLANK, text, low, low + WORD)
    if (blank) low = blank.index + 1
  }
}

function look(text: string): Finding[] {
  const folded = fold(text)
  const found: Finding[] = []
  const add = (kind: Finding['kind'], one: { start: number; end: number; certainty: Finding['certainty'] }, words = 0): void => {
    const [start, end] = folded.span(one.start, one.end)
    found.push({ kind, start, end, certainty: one.certainty, words })
  }
  if (mayHoldKey(folded.plain)) for (const key of findKeys(folded)) add('private_key', key)
  // It begins with its own cheap looks.
  for (const phrase of findPhrases(folded.lower, folded.plain)) add('recovery_phrase', phrase, phrase.words)
  if (mayHoldValue(folded.lower)) for (const value of findValues(folded.lower)) add(value.kind, value)
  return merged(found)
}

/** In order, with overlapping ones made one: it keeps the kind of the more telling, a phrase before a key. */
function merged(found: Finding[]): Finding[] {
  found.sort((one, other) => one.start - other.start || other.end - one.end)
  const kept: Finding[] = []
  for (const one of found) {
    const last = kept.at(-1)
    if (last && one.start < last.end) {
      const first = moreTelling(last, one)
      kept[kept.length - 1] = { ...first, start: last.start, end: Math.max(last.end, one.end) }
    } else {
      kept.push(one)
    }
  }
  return kept
}

function moreTelling(one: Finding, other: Finding): Finding {
  const order = other.words - one.words || RANK[other.certainty] - RANK[one.certainty] ||
    SECRET.indexOf(one.kind) - SECRET.indexOf(other.kind) || (other.end - other.start) - (one.end - one.start)
  return order > 0 ? other : one
}
