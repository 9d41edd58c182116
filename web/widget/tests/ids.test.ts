import { expect, test } from 'vitest'
import { newKey } from '../src/ids.ts'

test('keys are version 7 and sort in the order in which they were made', () => {
  const keys = Array.from({ length: 9000 }, () => newKey(1_790_000_000_000))
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect([...keys].sort()).toEqual(keys)
  expect(new Set(keys).size).toBe(keys.length)
})

test('a clock that steps back does not break the order', () => {
  const before = newKey(1_790_000_100_000)
  expect(newKey(1_790_000_050_000) > before).toBe(true)
})
