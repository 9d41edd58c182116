/** One-time codes, passwords that are said to be such, and card numbers. */

import type { Certainty, Kind } from './findings'
import { ascii, count, has, matches, number, pattern, row, search, startPattern, text, wholePattern, words } from './rules'

/** `start` and `end` in the folded text. */
export interface Value {
  kind: Kind
  start: number
  end: number
  certainty: Certainty
}

// Characters before and behind digits in which a word says what they are.
const BEFORE = number('codes.BEFORE')
const BEHIND = number('codes.BEHIND')
const NEAR = number('codes.NEAR')
const DIGITS = pattern('codes.DIGITS')
const CODE = pattern('codes.CODE')
const ONE_TIME = pattern('codes.ONE_TIME')
const SAID = pattern('codes.SAID')
const JOINED = pattern('codes.JOINED')
const NOT_A_CODE = pattern('codes.NOT_A_CODE')
const OTPAUTH = pattern('codes.OTPAUTH')
const PASSWORD = pattern('codes.PASSWORD')
const BARE = pattern('codes.BARE')
const LETTER = pattern('codes.LETTER')
const MARK = pattern('codes.MARK')
const TECHNICAL = startPattern('codes.TECHNICAL')
const NUMBERED = startPattern('codes.NUMBERED')
const CLEAR = pattern('codes.CLEAR')
const CARD = pattern('codes.CARD')
const GROUPS = pattern('codes.GROUPS')
const GROUP = pattern('codes.GROUP')
const MOST_GROUPS = number('codes.MOST_GROUPS')
// How the digits are grouped on the card itself.
const AS_ON_CARD = ['4,4,4,4', '4,6,5', '4,6,4']
const CARD_NAMED = pattern('codes.CARD_NAMED')
const ORDER = pattern('codes.ORDER')
const ISSUERS = wholePattern('codes.ISSUERS')
const NAMES_ASCII = row('codes.NAMES_ASCII')
const NAMES_OTHER = row('codes.NAMES_OTHER')
const QUOTES = text('codes.QUOTES')
const TRAILING = text('codes.TRAILING')
const NOT_A_PASSWORD = words('contexts.NOT_A_PASSWORD')
const DIGIT = /\p{Nd}/u

export function mayHoldValue(lower: string): boolean {
  if (has(DIGITS, lower)) return true
  return lower.includes('otpauth') || (ascii(lower) ? NAMES_ASCII : NAMES_OTHER).some((name) => lower.includes(name))
}

/** In order of kinds; they may overlap. */
export function findValues(lower: string): Value[] {
  const found: Value[] = []
  for (const { 0: value, index } of matches(OTPAUTH, lower)) {
    found.push({ kind: 'one_time_code', start: index, end: index + value.length, certainty: 'certain' })
  }
  const numbers = has(DIGITS, lower)
  return [...found, ...(numbers ? codes(lower) : []), ...(numbers ? cards(lower) : []), ...passwords(lower)]
}

function codes(lower: string): Value[] {
  const found: Value[] = []
  for (const { 0: value, index: start } of matches(CODE, lower)) {
    const end = start + value.length
    // The sentence or the line, and not what stands before the last other number.
    const sentences = lower.slice(Math.max(0, start - BEFORE), start).split(/[\n。！？!?]|\d{4,}/)
    const own = sentences.at(-1) ?? ''
    // Alone on its line: what the line before says.
    const before = own.trim() ? own : (sentences.at(-2) ?? own)
    const behind = lower.slice(end, end + BEHIND).split(/[\n。！？]|[.!?] |\d{4,}/)[0] ?? ''
    const digits = count(value, (char) => DIGIT.test(char))
    // Four digits are mostly something else: a year, a port, an amount.
    const named = has(ONE_TIME, digits > 4 ? before : before.slice(-NEAR)) ||
      (!/^\s*[:：,，]/.test(behind) && has(ONE_TIME, digits > 4 ? behind : behind.slice(0, NEAR)))
    const said = search(SAID, before)?.[0]
    if ((named || (said !== undefined && (digits > 4 || has(JOINED, said)))) && !has(NOT_A_CODE, before.slice(-24))) {
      found.push({ kind: 'one_time_code', start, end, certainty: 'high' })
    }
  }
  return found
}

function passwords(lower: string): Value[] {
  const found: Value[] = []
  for (const match of matches(PASSWORD, lower)) {
    const given = match.groups?.value ?? ''
    const says = match.groups?.says ?? ''
    let value = given
    let start = match.index + match[0].length - given.length
    while (value && `${QUOTES}([<`.includes(value.charAt(0))) {
      value = value.slice(1)
      start++
    }
    const quoted = value.length < given.length
    if (quoted) {
      const end = [...value].findIndex((char) => `${QUOTES})]>`.includes(char))
      if (end >= 0) value = value.slice(0, end)
    } else {
      while (value && TRAILING.includes(value.charAt(value.length - 1))) value = value.slice(0, -1)
    }
    if (given.startsWith('<') && given.includes('>')) continue
    // A line of a configuration: "password [success=1 default=ignore]".
    if (given.startsWith('[') && value.includes('=')) continue
    if (value.length < 4 || NOT_A_PASSWORD.has(value) || [...value].every((char) => '*•.-_x?'.includes(char))) continue
    if (/^(?:http|\[|\/)/.test(value) || NUMBERED.test(value) || !looksSecret(value, says, quoted)) continue
    const label = match[0].slice(0, match[0].length - given.length - says.length)
    if (!fits(label, value, says, lower.slice(start + value.length))) continue
    found.push({ kind: 'password', start, end: start + value.length, certainty: 'high' })
  }
  return [...found, ...barePasswords(lower).filter((each) => !found.some((one) => each.start < one.end))]
}

function barePasswords(lower: string): Value[] {
  const found: Value[] = []
  for (const { 0: all, index, groups } of matches(BARE, lower)) {
    const given = groups?.value ?? groups?.before ?? ''
    const start = groups?.value === undefined ? index : index + all.length - given.length
    const value = given.replace(/[.,;:)\]}]+$/, '')
    if (value.startsWith('[') && value.includes('=')) continue
    if (value.length >= 4 && has(LETTER, value) && has(MARK, value) && !TECHNICAL.test(value)) {
      found.push({ kind: 'password', start, end: start + value.length, certainty: 'high' })
    }
  }
  return found
}

/** What is said of a PIN, a "pass" or a "parola" (Italian for word) may be something else; so may the next line. */
function fits(label: string, value: string, says: string, behind: string): boolean {
  const plain = !has(MARK, value)
  if (label.startsWith('pin')) return !plain && /^[\p{L}\p{N}]+$/u.test(value)
  if (label === 'pass') return !plain || [...(behind.split('\n', 1)[0] ?? '')].every((char) => `${TRAILING} `.includes(char))
  return !plain || (!says.includes('\n') && !(label === 'parola' && !says.includes(':')))
}

/** After a colon every value counts ("password: monkey"); in a sentence it has to look unlike a word. */
function looksSecret(value: string, says: string, quoted: boolean): boolean {
  if ([...value].some((char) => DIGIT.test(char)) || /[!@#$%^&*_+=~|]/.test(value.slice(1))) {
    // A number with a unit behind it, in a script without blanks: "8글자".
    return ascii(value) || !DIGIT.test(value.charAt(0))
  }
  return ascii(value) && (quoted || (has(CLEAR, says) && value.length >= 6))
}

function cards(lower: string): Value[] {
  const found: Value[] = []
  for (const { 0: value, index: start } of matches(CARD, lower)) {
    const digits = value.replace(/\D/g, '')
    if (!isCard(digits)) continue
    const end = start + value.length
    const before = lower.slice(Math.max(0, start - BEFORE), start)
    const card = ends(CARD_NAMED, before)
    const order = ends(ORDER, before)
    if (order !== undefined && (card === undefined || order > card)) continue
    const sure = card !== undefined || digits.length < value.length || has(CARD_NAMED, lower.slice(end, end + BEHIND))
    found.push({ kind: 'card_number', start, end, certainty: sure ? 'high' : 'ambiguous' })
  }
  return [...found, ...oddCards(lower).filter((each) => !found.some((one) => each.start < one.end && one.start < each.end))]
}

/** In groups of any size, or over lines: half a phone number, too, where nothing names a card. */
function oddCards(lower: string): Value[] {
  const found: Value[] = []
  for (const run of matches(GROUPS, lower)) {
    const groups = [...matches(GROUP, lower, run.index, run.index + run[0].length)]
    for (const [first, { index: start }] of groups.entries()) {
      for (let last = first + 1; last < Math.min(groups.length, first + MOST_GROUPS); last++) {
        const those = groups.slice(first, last + 1).map((group) => group[0])
        const end = (groups[last]?.index ?? 0) + (those.at(-1)?.length ?? 0)
        if (start < (found.at(-1)?.end ?? 0) || !isCard(those.join(''))) continue
        const beside = `${lower.slice(Math.max(0, start - BEFORE), start)} ${lower.slice(end, end + BEHIND)}`
        if (has(CARD_NAMED, beside)) found.push({ kind: 'card_number', start, end, certainty: 'high' })
        else if (those.length === groups.length && AS_ON_CARD.includes(those.map((group) => group.length).join())) {
          found.push({ kind: 'card_number', start, end, certainty: 'ambiguous' })
        }
      }
    }
  }
  return found
}

const isCard = (digits: string): boolean => digits.length >= 13 && ISSUERS.test(digits) && luhn(digits) && new Set(digits).size > 1

function ends(of: RegExp, within: string): number | undefined {
  const last = [...matches(of, within)].at(-1)
  return last && last.index + last[0].length
}

function luhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, char, place) => {
    const value = Number(char) * (1 + (place % 2))
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}
