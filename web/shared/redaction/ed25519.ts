/** The public half of an Ed25519 seed (RFC 8032), by big integers: 10 ms, only for 64 bytes that may be a key pair. */

import { sha512 } from './hashes'

const P = 2n ** 255n - 19n
type Point = readonly [x: bigint, y: bigint, z: bigint, t: bigint]

const mod = (value: bigint): bigint => ((value % P) + P) % P

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let bits = exponent; bits > 0n; bits >>= 1n) {
    if (bits & 1n) result = mod(result * base)
    base = mod(base * base)
  }
  return result
}

const D = mod(-121665n * power(121666n, P - 2n))

/** The base point: y is 4/5, x the even root. */
function base(): Point {
  const y = mod(4n * power(5n, P - 2n))
  const square = mod((y * y - 1n) * power(mod(D * y * y + 1n), P - 2n))
  let x = power(square, (P + 3n) / 8n)
  if (mod(x * x - square) !== 0n) x = mod(x * power(2n, (P - 1n) / 4n))
  if (x & 1n) x = P - x
  return [x, y, 1n, mod(x * y)]
}

function sum(one: Point, other: Point): Point {
  const a = mod((one[1] - one[0]) * (other[1] - other[0]))
  const b = mod((one[1] + one[0]) * (other[1] + other[0]))
  const c = mod(2n * one[3] * other[3] * D)
  const d = mod(2n * one[2] * other[2])
  const [e, f, g, h] = [b - a, d - c, d + c, b + a]
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)]
}

const littleEndian = (bytes: Uint8Array): bigint => bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n)

/** Whether 64 bytes are a seed and the public key that belongs to it. */
export function isKeyPair(raw: Uint8Array): boolean {
  const hash = sha512(raw.subarray(0, 32)).slice(0, 32)
  hash[0] = (hash[0] as number) & 248
  hash[31] = ((hash[31] as number) & 127) | 64
  let result: Point = [0n, 1n, 1n, 0n]
  let step = base()
  for (let bits = littleEndian(hash); bits > 0n; bits >>= 1n) {
    if (bits & 1n) result = sum(result, step)
    step = sum(step, step)
  }
  const inverse = power(result[2], P - 2n)
  const x = mod(result[0] * inverse)
  const y = mod(result[1] * inverse)
  return littleEndian(raw.subarray(32)) === (y | ((x & 1n) << 255n))
}
