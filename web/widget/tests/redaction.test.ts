import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Finding } from '../../shared/redaction/findings'
import { findSecrets } from '../../shared/redaction/redact'

interface Vector {
  text: string
  findings: Finding[]
}

const vectors = JSON.parse(readFileSync(new URL('../../../tests/redaction/vectors.json', import.meta.url), 'utf8')) as Vector[]

/** The vectors count code points. */
function inPoints(text: string, found: Finding[]): Finding[] {
  const points = (place: number): number => [...text.slice(0, place)].length
  return found.map((one) => ({ kind: one.kind, start: points(one.start), end: points(one.end), certainty: one.certainty, words: one.words }))
}

test('the engine agrees with the server’s on every shared vector', () => {
  const differing = vectors.filter(({ text, findings }) => JSON.stringify(inPoints(text, findSecrets(text))) !== JSON.stringify(findings))
  for (const { text, findings } of differing.slice(0,12)) console.log(text.slice(0,300), JSON.stringify(findings), JSON.stringify(inPoints(text, findSecrets(text))))
  expect(differing.length).toBe(0)
})
