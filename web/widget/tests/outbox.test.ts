import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { newKey } from '../src/ids.ts'
import { ACK_WITHIN, ADOPT_AFTER, LATER, Outbox, Pump, type OutgoingMessage } from '../src/outbox.ts'
import { Keep } from '../src/storage.ts'
import { MemoryStorage } from './memory.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const area = (): MemoryStorage => new MemoryStorage()
const message = (tab: string, b: string, thread = 'c'): OutgoingMessage => ({ kind: 'message', k: newKey(), thread, tab, at: Date.now(), b, att: [] })

function line(storage: MemoryStorage, tab = 'a'): { outbox: Outbox; pump: Pump; sent: string[]; keys: string[]; up: { value: boolean } } {
  const outbox = new Outbox(new Keep(storage, 'p:'), tab)
  const sent: string[] = []
  const keys: string[] = []
  const up = { value: true }
  const pump = new Pump(outbox, () => 'c', (item) => {
    if (up.value) {
      sent.push(item.b)
      keys.push(item.k)
    }
    return up.value
  })
  return { outbox, pump, sent, keys, up }
}

test('one in flight, in order, out only after the ack', () => {
  const { outbox, pump, sent, keys } = line(area())
  for (const text of ['1', '2', '3']) outbox.put(message('a', text))
  pump.run()
  pump.run()
  expect(sent).toEqual(['1'])
  expect(pump.acked(keys[0] ?? '')?.b).toBe('1')
  expect(sent).toEqual(['1', '2'])
  expect(outbox.all('c').map((item) => item.kind === 'message' && item.b)).toEqual(['2', '3'])
})

test('a cut connection sends the same key again, before the next', () => {
  const { outbox, pump, sent, keys, up } = line(area())
  for (const text of ['1', '2']) outbox.put(message('a', text))
  pump.run()
  up.value = false
  pump.reset(false)
  pump.run()
  up.value = true
  pump.reset(true)
  expect(sent).toEqual(['1', '1'])
  expect(keys[0]).toBe(keys[1])
})

test('no ack on a live socket: sent again', () => {
  const { outbox, pump, sent } = line(area())
  outbox.put(message('a', '1'))
  pump.run()
  vi.advanceTimersByTime(ACK_WITHIN)
  expect(sent).toEqual(['1', '1'])
})

test('a refused message steps aside, stays, and goes again with its key when asked', () => {
  const { outbox, pump, sent, keys } = line(area())
  for (const text of ['1', '2']) outbox.put(message('a', text))
  pump.run()
  pump.nacked(keys[0] ?? '', { id: 'too_long', status: 413 })
  expect(sent).toEqual(['1', '2'])
  pump.acked(keys[1] ?? '')
  expect(outbox.all('c')[0]?.failed?.id).toBe('too_long')
  outbox.retry(keys[0] ?? '')
  pump.run()
  expect(keys[2]).toBe(keys[0])
})

test('“later” is tried again and the order stays', () => {
  const { outbox, pump, sent, keys } = line(area())
  for (const text of ['1', '2']) outbox.put(message('a', text))
  pump.run()
  for (const wait of [...LATER, ...LATER.slice(-1)]) {
    pump.nacked(keys[0] ?? '', { id: 'rate_limited', status: 429 })
    expect(outbox.all('c')[0]?.failed).toBeUndefined()
    vi.advanceTimersByTime(wait)
  }
  expect(sent).toEqual(['1', '1', '1', '1', '1', '1'])
  pump.acked(keys[0] ?? '')
  expect(sent.at(-1)).toBe('2')
})

test('a second tab leaves fresh items to their tab and takes over orphans', () => {
  const storage = area()
  const first = line(storage, 'a')
  const second = line(storage, 'b')
  first.outbox.put(message('a', 'from a'))
  second.pump.run()
  expect(second.sent).toEqual([])
  first.pump.run()
  expect(first.sent).toEqual(['from a'])
  vi.advanceTimersByTime(ADOPT_AFTER)
  second.pump.run()
  expect(second.sent).toEqual(['from a'])
  expect(second.keys[0]).toBe(first.keys[0])
})

test('what was written before the conversation existed follows it', () => {
  const { outbox, pump, sent } = line(area())
  outbox.put(message('a', 'later words', 'create-key'))
  pump.run()
  expect(sent).toEqual([])
  outbox.rebind('create-key', 'c')
  pump.run()
  expect(sent).toEqual(['later words'])
})

test('an unreadable item is dropped, not fatal', () => {
  const storage = area()
  storage.setItem('p:out:x', '{')
  expect(line(storage).outbox.all()).toEqual([])
  expect(storage.length).toBe(0)
})
