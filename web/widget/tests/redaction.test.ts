import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Finding } from '../../shared/redaction/findings'
import { join, mayBePiece, type Joined } from '../../shared/redaction/fragments'
import { findSecrets, without } from '../../shared/redaction/redact'

interface Vector {
  text: string
  findings: Finding[]
}
interface Pieces {
  pieces: string[]
  joined: (Joined & { kind: string }) | null
  held: boolean[]
}
interface More {
  texts: (Vector & { why: string })[]
  pieces: { why: string; pieces: string[]; joined: number[] | null }[]
}

const stored = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../../tests/redaction/${name}`, import.meta.url), 'utf8'))
// others come from the server's tests, with a fresh seed
const vectors = (process.env.VECTORS ? JSON.parse(readFileSync(process.env.VECTORS, 'utf8')) : stored('vectors.json')) as Vector[]
/**
 * The one difference: 64 hex digits beside an address that derives from them. The server derives it and is certain; here
 * the digits are what the words beside them say, and nothing is said.
 */
const BESIDE_ITS_ADDRESS = /^[0-9a-f]{64} (?:bc1q|[13T]|0x)\w{25,}/

/** The vectors count code points. */
function inPoints(text: string, found: Finding[]): Finding[] {
  const points = (place: number): number => [...text.slice(0, place)].length
  return found.map((one) => ({ ...one, start: points(one.start), end: points(one.end) }))
}

test('the engine agrees with the server’s on every shared vector', () => {
  const excepted = vectors.filter(({ text, findings }) => BESIDE_ITS_ADDRESS.test(text) && findings[0]?.certainty === 'certain')
  expect(excepted.length).toBeLessThanOrEqual(2)
  for (const { text, findings } of excepted) {
    expect(inPoints(text, findSecrets(text))).toEqual(findings.map((one) => ({ ...one, certainty: 'ambiguous' })))
  }
  for (const { text, findings } of vectors) {
    if (!excepted.some((each) => each.text === text)) expect(inPoints(text, findSecrets(text)), text).toEqual(findings)
  }
})

test('the engine agrees with the server’s on the vectors written by hand', () => {
  const { texts, pieces } = stored('vectors_more.json') as More
  for (const { why, text, findings } of texts) expect(inPoints(text, findSecrets(text)), why).toEqual(findings)
  for (const { why, pieces: messages, joined } of pieces) expect(join(messages)?.pieces ?? null, why).toEqual(joined)
})

test('it holds and joins the pieces that the server holds and joins', () => {
  for (const { pieces, joined, held } of stored('vectors_pieces.json') as Pieces[]) {
    const { kind: _, ...expected } = joined ?? { kind: null }
    expect(join(pieces), pieces.join(' | ')).toEqual(joined && expected)
    expect(pieces.map((piece) => mayBePiece(piece, false)), pieces.join(' | ')).toEqual(held)
  }
})

test('places are those of the given text, also behind characters of two units', () => {
  const text = '😀 𝐩𝐚𝐬𝐬𝐰𝐨𝐫𝐝: hunter22 😀'
  expect(findSecrets(text).map(({ start, end }) => text.slice(start, end))).toEqual(['hunter22'])
})

test('the rest of a message stays readable', () => {
  const text = 'these: legal winner thank year wave sausage worth useful legal winner thank yellow. is anybody there?'
  expect(without(text, findSecrets(text))).toBe('these: . is anybody there?')
  expect(without('a b', [])).toBe('a b')
})

test('an ordinary message costs less than two milliseconds, also a long one', () => {
  const message = 'I sent 0.5 ETH an hour ago to 0x52908400098527886E0F7030069857D2E4169EE7 and it still says pending. '.repeat(5)
  findSecrets(message)
  const begun = performance.now()
  for (let turn = 0; turn < 50; turn++) findSecrets(message)
  expect((performance.now() - begun) / 50).toBeLessThan(2)
})
