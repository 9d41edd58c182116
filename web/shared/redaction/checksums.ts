/** Whether words are a whole phrase: the checksums of BIP-39, SLIP-39, Electrum and Monero. */

import { crc32, hmacSha512, sha256 } from './hashes'
import type { WordList } from './lists'

const SEED_VERSIONS = ['01', '100', '101', '102']
const UNSPACED = ['chinese_simplified', 'chinese_traditional', 'japanese']
const RS1024 = [0xe0e040, 0x1c1c080, 0x3838100, 0x7070200, 0xe0e0009, 0x1c0c2412, 0x38086c24, 0x3090fc48, 0x21b1f890, 0x3f3f120]
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** By chance: 1 random phrase in 16 (12 words) to 256. */
export function right(words: readonly string[], list: WordList): boolean {
  if (new Set(words).size < 2) return false
  if (list.name === 'monero') return monero(words)
  if (list.name === 'electrum_old') return false
  const places = words.map((word) => list.index.get(word) ?? 0)
  return list.name === 'slip39' ? slip39(places) : bip39(places)
}

export function bip39(places: readonly number[]): boolean {
  const sum = places.length / 3
  const entropy = new Uint8Array(sum * 4)
  let held = 0
  let bits = 0
  let at = 0
  for (const place of places) {
    held = (held << 11) | place
    bits += 11
    while (bits >= 8 && at < entropy.length) {
      bits -= 8
      entropy[at++] = held >> bits
      held &= (1 << bits) - 1
    }
  }
  return (sha256(entropy)[0] as number) >> (8 - sum) === (held & ((1 << sum) - 1))
}

/** The version that Electrum hides in the hash of a seed (1 random text in 235 has one). */
export function electrum(words: readonly string[], list: WordList): boolean {
  if (words.length !== 12 && words.length !== 24) return false
  const hash = hmacSha512(bytes('Seed version'), bytes(words.join(UNSPACED.includes(list.name) ? '' : ' ')))
  const hex = [...hash.subarray(0, 2)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return SEED_VERSIONS.some((version) => hex.startsWith(version))
}

function slip39(places: readonly number[]): boolean {
  const extendable = places.length > 1 && ((places[1] as number) >> 4) & 1
  let state = 1
  for (const value of [...bytes(extendable ? 'shamir_extendable' : 'shamir'), ...places]) {
    const top = state >> 20
    state = ((state & 0xfffff) << 10) ^ value
    RS1024.forEach((factor, bit) => { if ((top >> bit) & 1) state ^= factor })
  }
  return state === 1
}

/** The last word repeats the one that the CRC-32 of the others' beginnings points at. */
function monero(words: readonly string[]): boolean {
  const beginnings = words.map((word) => word.slice(0, 3))
  const last = beginnings.pop()
  return beginnings[crc32(bytes(beginnings.join(''))) % beginnings.length] === last
}
