import { describe, expect, it } from 'vitest'
import { emptyCounters, hideRedacted, mergeAcked, mergeEntry, mergeFile, mergeGone, mergeOffer, mergeOfferEnd, mergeOlder, mergeRead, mergeRow, snapshot, type Timeline } from '@/live/merge'
import { entry, offer, row } from './samples'

describe('rows', () => {
  it('takes a newer row and ignores an older one', () => {
    const inbox = snapshot([row({ version: 5 })], emptyCounters, [], 1)
    expect(mergeRow(inbox, row({ version: 4, preview: 'old' }), 2)).toBe(inbox)
    expect(mergeRow(inbox, row({ version: 6, preview: 'new' }), 2).rows['c1']?.preview).toBe('new')
  })

  it('refreshes the conversation inside an offer', () => {
    const inbox = snapshot([], emptyCounters, [offer({ conversation: row({ version: 1 }) })], 1)
    expect(mergeRow(inbox, row({ version: 2, preview: 'new' }), 2).offers[0]?.conversation.preview).toBe('new')
  })

  it('forgets one that is gone', () => {
    expect(mergeGone(snapshot([row()], emptyCounters, [], 1), 'c1', 2).rows).toEqual({})
  })

  it('never takes a reading back', () => {
    expect(mergeRead(row({ customer_read: 9 }), 'customer', 4).customer_read).toBe(9)
    expect(mergeRead(row({ agent_read: 2 }), 'agent', 4).agent_read).toBe(4)
    const inbox = snapshot([row({ version: 5, customer_read: 9 })], emptyCounters, [], 1)
    expect(mergeRow(inbox, row({ version: 6, customer_read: 4 }), 2).rows['c1']?.customer_read).toBe(9)
  })
})

describe('offers', () => {
  it('rings once, however often it is told', () => {
    const once = mergeOffer(snapshot([], emptyCounters, [], 1), offer(), 2)
    const twice = mergeOffer(once, offer(), 3)
    expect(twice.offers).toHaveLength(1)
    expect(mergeOfferEnd(twice, 'o1', 4).offers).toEqual([])
  })
})

describe('timeline', () => {
  const page = (...seqs: number[]): Timeline => mergeOlder(undefined, seqs.map((seq) => entry(seq)), false)

  it('applies each entry once, whatever is told again', () => {
    let timeline = page(1, 2, 3)
    for (const seq of [2, 3, 4, 4, 3, 5]) timeline = mergeEntry(timeline, entry(seq))
    expect(timeline.entries.map((held) => held.seq)).toEqual([1, 2, 3, 4, 5])
    expect(timeline.applied).toBe(5)
  })

  it('shows an acknowledged message at once and lets its echo replace it', () => {
    const acked = mergeAcked(page(1), { ...entry(2), k: 'k1', b: 'as typed' })
    expect(acked.entries.at(-1)).toMatchObject({ b: 'as typed', provisional: true })
    expect(acked.applied).toBe(1)
    const echoed = mergeEntry(acked, { ...entry(2), k: 'k1', b: 'as stored' })
    expect(echoed.entries.map((held) => held.b)).toEqual(['text 1', 'as stored'])
    expect(echoed.applied).toBe(2)
  })

  it('keeps an entry that comes between an ack and its echo', () => {
    const acked = mergeAcked(page(1), { ...entry(3), k: 'k1' })
    expect(mergeEntry(acked, entry(2)).entries.map((held) => held.seq)).toEqual([1, 2, 3])
  })

  it('ignores an ack that comes after the echo', () => {
    const timeline = page(1, 2)
    expect(mergeAcked(timeline, entry(2))).toBe(timeline)
  })

  it('puts older pages in front without moving where it stands', () => {
    const timeline = mergeOlder(page(5, 6), [entry(3), entry(4), entry(5)], true)
    expect(timeline.entries.map((held) => held.seq)).toEqual([3, 4, 5, 6])
    expect(timeline).toMatchObject({ first: true, applied: 6 })
  })

  const found = [{ kind: 'recovery_phrase', count: 12, certainty: 'high' }]
  const notice = (seqs: number[]) => ({ ...entry(4), b: '', kind: 'system' as const, ev: { type: 'redacted', seqs, where: 'messages', by: 'customer' }, red: found })

  it('takes hidden words off the screen, and leaves what the server redacted itself', () => {
    const held = page(1, 2)
    const redacted = { ...entry(3), b: 'my words: [⛔ recovery_phrase·12]', red: found }
    const timeline = hideRedacted(mergeEntry(mergeEntry(held, redacted), notice([2, 3])))
    expect(timeline.entries.map((one) => one.b)).toEqual(['text 1', '[⛔ recovery_phrase]', 'my words: [⛔ recovery_phrase·12]', ''])
    expect(timeline.entries[1]?.red).toEqual(found)
    expect(JSON.stringify(timeline)).not.toContain('text 2')
    expect(hideRedacted(timeline)).toBe(timeline)
  })

  it('hides what an older page that was on its way brings back', () => {
    const timeline = mergeOlder(mergeEntry(page(3), notice([2, 3])), [entry(1), entry(2)], true)
    expect(timeline.entries.map((one) => one.b)).toEqual(['text 1', '[⛔ recovery_phrase]', '[⛔ recovery_phrase]', ''])
  })

  it('shows what came of a picture, in the entry that carries it only', () => {
    const file = { id: 'f1', name: 'a.png', type: 'image/png', size: 9, width: 4, height: 3, url: null, state: 'reading', erased: false }
    const held = mergeEntry(page(1), { ...entry(2), att: [file, { ...file, id: 'f2' }] })
    const clear = { ...file, url: 'https://files.test/f1', state: 'clear' }
    expect(mergeFile(held, 2, clear).entries[1]?.att).toEqual([clear, { ...file, id: 'f2' }])
    expect(mergeFile(held, 1, clear)).toBe(held)
    expect(mergeFile(held, null, clear)).toBe(held)
  })

  it('agrees with the plain list, in whatever order and however often frames arrive', () => {
    let random = 7
    const next = (below: number) => (random = (random * 16807) % 2147483647) % below
    for (let round = 0; round < 200; round++) {
      let timeline = page(1)
      let top = 1
      for (let step = 0; step < 40; step++) {
        const again = next(3) === 0
        const seq = again ? 1 + next(top) : ++top
        timeline = next(4) === 0 && !again ? mergeEntry(mergeAcked(timeline, entry(seq)), entry(seq)) : mergeEntry(timeline, entry(seq))
      }
      expect(timeline.entries.map((held) => held.seq)).toEqual(Array.from({ length: top }, (_, i) => i + 1))
    }
  })
})
