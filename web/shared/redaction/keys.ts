/**
 * Private keys, by checksum, public half, form, or the nearest word. The one difference from the server: addresses are not
 * derived from 64 hex digits, so a key beside its own address is what the words beside it say.
 */

import { antelopeRight, bech32Right, decode, decodeChecked, RIPPLE, stellarRight } from './base58'
import { brokenRows, mayBeBroken } from './broken'
import { isKeyPair } from './ed25519'
import type { Certainty } from './findings'
import type { Folded } from './folding'
import { has, matches, pattern, row, search, wholePattern } from './rules'

export interface Key {
  start: number
  end: number
  certainty: Certainty
}
type Verdict = Certainty | null

// Characters before and behind a value in which a word says what it is.
const BEFORE = 64
const BEHIND = 32
const SAYS = pattern('keys.SAYS')
const LABEL = pattern('keys.LABEL')
const LIST = wholePattern('keys.LIST')
const LONG = pattern('keys.LONG')
const GROUPS = pattern('keys.GROUPS')
const NUMBERS = pattern('keys.NUMBERS')
const LOWER = pattern('key_formats.LOWER')
const EXACT = pattern('key_formats.EXACT')
const LOWER_WHOLE = wholePattern('key_formats.LOWER')
const EXACT_WHOLE = wholePattern('key_formats.EXACT')
const ARRAY = pattern('key_formats.ARRAY')
const EXTENDED = row('key_formats.EXTENDED')
const TEZOS = row('key_formats.TEZOS')
const WIF_VERSION = 0x80

const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

export function mayHoldKey(text: string): boolean {
  return text.length >= 28 && (has(LONG, text) || mayBeBroken(text) || text.includes('-----BEGIN') || text.split(',').length > 31 || (text.length >= 64 && has(GROUPS, text)))
}

class Look {
  // Where the last 64 hex digits ended, and what they were.
  private last: { end: number; said: 'key' | 'hash' | null } | null = null

  constructor(private readonly lower: string) {}

  /** By the nearest word before the value, else by the nearest behind it. Labels stand before their value. */
  private said(start: number, end: number): 'key' | 'hash' | null {
    let said: 'key' | 'hash' | null = null
    for (const match of matches(SAYS, this.lower, start - BEFORE, start)) said = match.groups?.key ? 'key' : 'hash'
    if (said) return said
    for (const match of matches(SAYS, this.lower, end, end + BEHIND)) {
      const after = match.index + match[0].length
      if (search(LABEL, this.lower, after)?.index !== after) return match.groups?.key ? 'key' : 'hash'
    }
    return null
  }

  hex(value: string, start: number, end: number): Verdict {
    const digits = value.replace(/0x|[^0-9a-f]/g, '')
    if (digits.length === 128) {
      const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16))
      return isKeyPair(bytes) ? 'certain' : this.labelled(start, end)
    }
    // Padded addresses, amounts and the values of examples are no keys: a random one has 15 to 16 kinds of digits.
    if (new Set(digits).size < 8 || digits.startsWith('0'.repeat(16))) return null
    let said = this.said(start, end)
    if (!said && this.last && LIST.test(this.lower.slice(this.last.end, start))) said = this.last.said
    this.last = { end, said }
    return said === 'key' ? 'high' : said === 'hash' ? null : 'ambiguous'
  }

  labelled(start: number, end: number): Verdict {
    return this.said(start, end) === 'key' ? 'high' : null
  }

  near(start: number, end: number): string {
    return this.lower.slice(Math.max(0, start - 300), end)
  }
}

type Rule = (look: Look, value: string, start: number, end: number) => Verdict

const sure: Rule = () => 'certain'
const hex: Rule = (look, value, start, end) => look.hex(value, start, end)

const LOWER_RULES: Record<string, Rule> = {
  keystore: sure,
  named: sure,
  hex,
  groups: hex,
  halves: hex,
  bech32: (_, value) => (bech32Right(value) ? 'certain' : 'high'),
  // Base64 of an encrypted key: the file says "pkcs8" beside it.
  polkadot: (look, _, start, end) => (look.near(start, end + 300).includes('pkcs8') ? 'certain' : null),
  // Cardano's files say which key they hold.
  cbor: (look, _, start) => {
    const before = look.near(start, start)
    return before.includes('verification') ? null : before.includes('signingkey') ? 'certain' : 'ambiguous'
  },
}

const EXACT_RULES: Record<string, Rule> = {
  block: sure,
  extended: (_, value) => {
    const payload = decodeChecked(value)
    // One character mistyped or lost: the prefix and the length are proof enough.
    if (!payload) return 'high'
    return payload.length === 78 && EXTENDED.includes(hexOf(payload.subarray(0, 4))) ? 'certain' : null
  },
  encrypted: (_, value) => {
    const payload = decodeChecked(value)
    return payload?.length === 39 && payload[0] === 1 ? 'certain' : null
  },
  tezos: (_, value) => {
    const payload = decodeChecked(value)
    return payload && TEZOS.includes(hexOf(payload.subarray(0, 4))) ? 'certain' : 'high'
  },
  near: (_, value) => {
    const raw = decode(value.replace(/^ed25519:/, ''))
    return raw?.length === 64 && isKeyPair(raw) ? 'certain' : 'high'
  },
  antelope: (_, value) => (antelopeRight(value.slice(7), value.slice(4, 6)) ? 'certain' : 'high'),
  stellar: (look, value, start, end) => (stellarRight(value) ? 'certain' : look.labelled(start, end)),
  wif: (look, value, start, end) => {
    const payload = decodeChecked(value)
    if (!payload) return look.labelled(start, end)
    const fits = payload.length === 33 || (payload.length === 34 && payload.at(-1) === 1)
    return fits && (payload[0] as number) >= WIF_VERSION ? 'certain' : null
  },
  pair: (look, value, start, end) => {
    const raw = decode(value)
    // Signatures of Solana transactions look the same and must stay.
    return raw?.length === 64 && isKeyPair(raw) ? 'certain' : look.labelled(start, end)
  },
  ripple: (_, value) => {
    const payload = decodeChecked(value, RIPPLE)
    if (!payload) return null
    const old = payload.length === 17 && payload[0] === 0x21
    return old || (payload.length === 19 && hexOf(payload.subarray(0, 3)) === '01e14b') ? 'certain' : null
  },
}

/** The keys in a text, in order, without overlap. */
export function findKeys({ plain, lower }: Folded): Key[] {
  const look = new Look(lower)
  const found: Key[] = []
  const judge = (rules: Record<string, Rule>, match: RegExpExecArray): void => {
    const [name, value] = Object.entries(match.groups ?? {}).find(([, held]) => held !== undefined) ?? []
    const rule = name ? rules[name] : undefined
    if (!rule || value === undefined) return
    // The named part stands at the end of its match.
    const end = match.index + match[0].length
    const certainty = rule(look, value, end - value.length, end)
    if (certainty) found.push({ start: end - value.length, end, certainty })
  }
  for (const match of matches(LOWER, lower)) judge(LOWER_RULES, match)
  for (const match of matches(EXACT, plain)) judge(EXACT_RULES, match)
  for (const match of matches(ARRAY, plain)) {
    const values = (match[0].match(NUMBERS) ?? []).map(Number)
    if ((values.length !== 32 && values.length !== 64) || Math.max(...values) > 255) continue
    const start = match.index
    const end = start + match[0].length
    const certainty = values.length === 64 && isKeyPair(Uint8Array.from(values)) ? 'certain' : look.labelled(start, end)
    if (certainty) found.push({ start, end, certainty })
  }
  for (const { whole, start, end, dump } of brokenRows(plain)) {
    const exact = EXACT_WHOLE.exec(whole)
    const groups = (exact ?? LOWER_WHOLE.exec(whole.toLowerCase()))?.groups ?? {}
    const [name, value] = Object.entries(groups).find(([, held]) => held !== undefined) ?? []
    const certainty = name && value !== undefined ? (exact ? EXACT_RULES : LOWER_RULES)[name]?.(look, value, start, end) : null
    if (certainty && !(dump && certainty === 'ambiguous')) found.push({ start, end, certainty })
  }
  found.sort((one, other) => one.start - other.start || other.end - one.end)
  const apart: Key[] = []
  for (const key of found) if (key.start >= (apart.at(-1)?.end ?? 0)) apart.push(key)
  return apart
}
