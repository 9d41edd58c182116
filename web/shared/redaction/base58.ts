/** How keys are written: Base58 with its alphabets, Bech32's checksum, Stellar's Base32. */

import { crc16, joined, ripemd160, sha256 } from './hashes'

export const BITCOIN = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
export const RIPPLE = 'rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz'
const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const FACTORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
// What the checksum of Bech32 and of Bech32m comes to.
const ENDS = [1, 0x2bc830a3]
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const same = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && one.every((byte, at) => byte === other[at])

/** The bytes, or null when a character is not of the alphabet. */
export function decode(text: string, alphabet = BITCOIN): Uint8Array | null {
  const bytes: number[] = []
  for (const char of text) {
    let carry = alphabet.indexOf(char)
    if (carry < 0) return null
    for (let at = 0; at < bytes.length; at++) {
      carry += (bytes[at] as number) * 58
      bytes[at] = carry & 0xff
      carry >>= 8
    }
    for (; carry; carry >>= 8) bytes.push(carry & 0xff)
  }
  let zeros = 0
  while (text[zeros] === alphabet[0]) zeros++
  return Uint8Array.from([...Array<number>(zeros).fill(0), ...bytes.reverse()])
}

/** The payload, or null when the four bytes of checksum are wrong. */
export function decodeChecked(text: string, alphabet = BITCOIN): Uint8Array | null {
  const raw = decode(text, alphabet)
  if (!raw || raw.length < 5) return null
  const payload = raw.subarray(0, -4)
  return same(sha256(sha256(payload)).subarray(0, 4), raw.subarray(-4)) ? payload : null
}

/** Whether the checksum of a key after `PVT_K1_` or `PVT_R1_` is right. */
export function antelopeRight(text: string, curve: string): boolean {
  const raw = decode(text)
  if (raw?.length !== 36) return false
  return same(ripemd160(joined(raw.subarray(0, -4), new TextEncoder().encode(curve))).subarray(0, 4), raw.subarray(-4))
}

/** `text` is of lower case. */
export function bech32Right(text: string): boolean {
  const at = text.lastIndexOf('1')
  const prefix = [...text.slice(0, Math.max(0, at))].map((char) => char.charCodeAt(0))
  const values = [...text.slice(at + 1)].map((char) => BECH32.indexOf(char))
  if (!prefix.length || values.includes(-1)) return false
  let state = 1
  for (const value of [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...values]) {
    const top = state >> 25
    state = ((state & 0x1ffffff) << 5) ^ value
    FACTORS.forEach((factor, bit) => { if ((top >> bit) & 1) state ^= factor })
  }
  return ENDS.includes(state)
}

/** Whether 56 characters of Base32 are a secret seed with the right CRC-16. */
export function stellarRight(text: string): boolean {
  const raw: number[] = []
  let held = 0
  let bits = 0
  for (const char of text) {
    held = ((held << 5) | BASE32.indexOf(char)) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      raw.push((held >> bits) & 0xff)
    }
  }
  const crc = crc16(Uint8Array.from(raw.slice(0, -2)))
  return raw[0] === 18 << 3 && raw.at(-2) === (crc & 0xff) && raw.at(-1) === crc >> 8
}
