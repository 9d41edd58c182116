import { expect, test } from 'vitest'
import type { OutgoingMessage } from '../src/outbox.ts'
import type { Entry } from '../src/protocol.ts'
import { Timeline } from '../src/store.ts'

const entry = (seq: number, more: Partial<Entry> = {}): Entry => ({
  seq, kind: 'public', from: 'agent', by: null, b: `#${seq}`, at: '2026-11-24T01:00:00Z', k: null, lang: null, att: [], ev: null, ...more,
})
const message = (k: string, b = k): OutgoingMessage => ({ kind: 'message', k, thread: 'c', tab: 't', at: 0, b, att: [] })
const seen = (timeline: Timeline, unsent: OutgoingMessage[] = []): string[] =>
  timeline.rows(unsent).map(({ entry: e, local }) => e?.b ?? `${local?.status}:${local?.b}`)

test('an entry counts once, whatever is sent again after a reconnect', () => {
  const timeline = new Timeline()
  for (const seq of [1, 2, 4, 2, 4, 1, 5, 5]) timeline.apply(entry(seq))
  expect(seen(timeline)).toEqual(['#1', '#2', '#4', '#5'])
  expect(timeline.have).toBe(5)
})

test('an internal note never shows, even if a server sent one', () => {
  const timeline = new Timeline()
  expect(timeline.apply(entry(1, { kind: 'note' }))).toBe(false)
  expect(seen(timeline)).toEqual([])
})

test('own words stay at one place from writing to echo', () => {
  const timeline = new Timeline()
  timeline.apply(entry(1))
  const mine = message('k1')
  expect(seen(timeline, [mine])).toEqual(['#1', 'sending:k1'])
  timeline.ack(mine, 2, '2026-11-24T01:00:00Z')
  expect(timeline.have).toBe(1)
  expect(seen(timeline)).toEqual(['#1', 'delivered:k1'])
  timeline.apply(entry(2, { from: 'customer', k: 'k1', b: 'stored form', red: [{ kind: 'recovery_phrase', count: 12 }] }))
  expect(seen(timeline)).toEqual(['#1', 'stored form'])
})

test('the echo may come before the ack, and while the item is still in the outbox', () => {
  const timeline = new Timeline()
  const mine = message('k1')
  timeline.apply(entry(1, { from: 'customer', k: 'k1', b: 'k1' }))
  expect(seen(timeline, [mine])).toEqual(['k1'])
  timeline.ack(mine, 1, '2026-11-24T01:00:00Z')
  expect(seen(timeline)).toEqual(['k1'])
})

test('an answer that overtakes the echo stands behind the question', () => {
  const timeline = new Timeline()
  const mine = message('k1', 'question')
  timeline.ack(mine, 1, '2026-11-24T01:00:00Z')
  timeline.apply(entry(2, { b: 'answer' }))
  expect(seen(timeline)).toEqual(['delivered:question', 'answer'])
  timeline.apply(entry(1, { from: 'customer', k: 'k1', b: 'question' }))
  expect(seen(timeline)).toEqual(['question', 'answer'])
})

test('a picture shows what came of it, also while its message is not echoed yet', () => {
  const file = { id: 'f1', name: 'a.png', type: 'image/png', size: 9, width: 4, height: 3, url: 'https://files.test/f1', state: 'reading' as const }
  const gone = { ...file, url: null, state: 'secret' as const }
  const timeline = new Timeline()
  timeline.apply(entry(1, { att: [file] }))
  timeline.ack({ ...message('k1'), att: [file] }, 2, '2026-11-24T01:00:00Z')
  timeline.file(gone)
  expect(timeline.rows([]).map(({ entry: said, local }) => (said ?? local)?.att)).toEqual([[gone], [gone]])
})

test('an entry that came ahead leaves the way open for those before it', () => {
  const timeline = new Timeline()
  timeline.apply(entry(2), false)
  for (const seq of [1, 2, 3]) timeline.apply(entry(seq))
  expect(seen(timeline)).toEqual(['#1', '#2', '#3'])
})

test('only the agent’s entries count as unread', () => {
  const timeline = new Timeline()
  timeline.apply(entry(1, { from: 'customer' }))
  timeline.apply(entry(2))
  timeline.apply(entry(3, { kind: 'system' }))
  timeline.apply(entry(4))
  expect(timeline.unread(0)).toBe(2)
  expect(timeline.unread(2)).toBe(1)
})

test('words that turn out to be a secret go, also those that are acknowledged only', () => {
  const red = [{ kind: 'recovery_phrase' as const, count: 12 }]
  const timeline = new Timeline()
  timeline.apply(entry(1, { from: 'customer', b: 'first part' }))
  timeline.ack(message('k2', 'second part'), 2, '2026-11-24T01:00:00Z')
  timeline.apply(entry(3, { from: 'customer', b: 'said [⛔ recovery_phrase·12]', red }))
  timeline.hide([1, 2, 3], red)
  expect(seen(timeline)).toEqual(['[⛔ recovery_phrase]', 'delivered:[⛔ recovery_phrase]', 'said [⛔ recovery_phrase·12]'])
  expect(JSON.stringify(timeline.rows([]))).not.toContain('part')
})
