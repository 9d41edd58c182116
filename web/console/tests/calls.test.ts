import { describe, expect, it } from 'vitest'
import type { Tree } from '@/features/calls/api'
import { beside, draw, emptyNode, freeName, KINDS, removed, renamed, runs, waysFrom } from '@/features/calls/tree'
import { peaks, readWave, seconds } from '@/features/calls/wave'

/** As the engine writes it: 8 kHz, 16 bits, one voice; `extra` chunks stand before the sound. */
function wav(samples: number[], change: { voices?: number; length?: number; extra?: number } = {}): ArrayBuffer {
  const extra = change.extra ?? 0
  const view = new DataView(new ArrayBuffer(44 + extra + samples.length * 2))
  const put = (at: number, text: string) => [...text].forEach((sign, n) => view.setUint8(at + n, sign.charCodeAt(0)))
  put(0, 'RIFF'); put(8, 'WAVE'); put(12, 'fmt ')
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, change.voices ?? 1, true)
  view.setUint32(24, 8000, true); view.setUint16(34, 16, true)
  if (extra) { put(36, 'LIST'); view.setUint32(40, extra - 8 - 1, true) }
  put(36 + extra, 'data'); view.setUint32(40 + extra, change.length ?? samples.length * 2, true)
  samples.forEach((one, n) => view.setInt16(44 + extra + n * 2, one, true))
  return view.buffer
}

describe('a recording', () => {
  it('is read with its rate, whatever stands before the sound', () => {
    for (const extra of [0, 12]) {
      const read = readWave(wav([1, -2, 3, -32768], { extra }))
      expect([read.rate, [...read.samples]]).toEqual([8000, [1, -2, 3, -32768]])
    }
    expect(seconds(readWave(wav(Array(16000).fill(0))))).toBe(2)
  })
  it('that was not closed is read to its end', () => {
    expect(readWave(wav([1, 2, 3], { length: 0 })).samples).toHaveLength(3)
    expect(readWave(wav([1, 2, 3], { length: 0xffffffff })).samples).toHaveLength(3)
  })
  it('of another kind is refused', () => {
    expect(() => readWave(wav([1], { voices: 2 }))).toThrow(RangeError)
    expect(() => readWave(new ArrayBuffer(64))).toThrow(RangeError)
  })
  it('shows where it is loud, and shows silence as silence', () => {
    expect(peaks(readWave(wav([0, 0, 100, -200, 50, 0])), 3)).toEqual([0, 1, 0.25])
    expect(peaks(readWave(wav([0, 0, 0])), 3)).toEqual([0, 0, 0])
    expect(peaks(readWave(wav([5])), 4)).toEqual([0, 0, 0, 1])
  })
})

const TREE: Tree = {
  start: 'hello',
  nodes: {
    hello: { kind: 'say', texts: { en: 'Hello' }, next: 'ask' },
    ask: { kind: 'choice', texts: { en: 'Press' }, keys: { 1: 'person', 2: 'message', 3: 'person', 9: 'hello' }, silent: 'person' },
    person: { kind: 'queue', queue: '', topic: '' },
    message: { kind: 'voicemail', queue: '', topic: '' },
    lost: { kind: 'emergency' },
  },
}

describe('a menu', () => {
  it('stands by the steps from its start; what nothing leads to stands apart', () => {
    const { places, columns, rows } = draw(TREE)
    expect(Object.fromEntries(places.map(({ name, column, row }) => [name, [column, row]]))).toEqual({ hello: [0, 0], ask: [1, 0], person: [2, 0], message: [2, 1], lost: [3, 0] })
    expect([columns, rows]).toEqual([4, 2])
    expect(draw({ start: 'none', nodes: { a: { kind: 'emergency' } } }).places).toEqual([{ name: 'a', column: 0, row: 0 }])
    expect(draw({ start: 'none', nodes: {} })).toMatchObject({ places: [], rows: 1 })
  })
  it('has one way to each node, with all keys that lead there', () => {
    expect(waysFrom('ask', TREE.nodes['ask']!)).toEqual([
      { from: 'ask', to: 'person', keys: ['1', '3'], silent: true },
      { from: 'ask', to: 'message', keys: ['2'], silent: false },
      { from: 'ask', to: 'hello', keys: ['9'], silent: false },
    ])
  })
  it('says its keys shortly', () => {
    expect([runs(['1', '2', '3', '5']), runs(['1', '2']), runs(['9', '*', '#']), runs([])]).toEqual([['1–3', '5'], ['1', '2'], ['9', '*', '#'], []])
  })
  it('is gone through with the arrow keys', () => {
    const picture = draw(TREE)
    expect([beside(picture, 'hello', 'ArrowRight'), beside(picture, 'person', 'ArrowDown'), beside(picture, 'message', 'ArrowUp'), beside(picture, 'message', 'ArrowLeft'), beside(picture, 'hello', 'ArrowUp')]).toEqual(['ask', 'message', 'person', 'ask', undefined])
  })
  it('keeps its ways when a node gets another name, which nobody else may have', () => {
    const changed = renamed(TREE, 'hello', 'welcome')
    expect([changed.start, changed.nodes['ask']]).toMatchObject(['welcome', { keys: { 9: 'welcome' } }])
    expect(Object.keys(changed.nodes)[0]).toBe('welcome')
    for (const name of ['ask', 'Not fit', '']) expect(renamed(TREE, 'hello', name)).toBe(TREE)
  })
  it('loses one node, and finds names for new ones of every kind', () => {
    expect(Object.keys(removed(TREE, 'lost').nodes)).not.toContain('lost')
    expect([freeName(TREE, 'ask'), freeName(TREE, 'queue')]).toEqual(['ask-2', 'queue'])
    for (const kind of KINDS) expect(emptyNode(kind, 'person').kind).toBe(kind)
  })
})
