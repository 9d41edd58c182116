import { describe, expect, it } from 'vitest'
import { grouped, inView, perLanguage } from '@/features/conversations/groups'
import { isRtl, mmss } from '@/components/format'
import { meaning, nameOf } from '@/shell/keys'
import { row } from './samples'

describe('list', () => {
  it('sorts by promise within its groups, emergencies first', () => {
    const rows = [
      row({ id: 'late', next_due: '2026-11-24T01:00:00Z' }),
      row({ id: 'waits', waiting_since: null, next_due: null }),
      row({ id: 'soon', next_due: '2026-11-24T01:30:00Z' }),
      row({ id: 'sos', emergency: true, next_due: '2026-11-24T02:00:00Z' }),
      row({ id: 'done', category: 'resolved' }),
    ]
    expect(grouped(rows).map((group) => [group.key, group.rows.map((held) => held.id)])).toEqual([['emergency', ['sos']], ['next', ['late', 'soon']], ['waiting', ['waits']], ['resolved', ['done']]])
  })

  it('knows what is mine, what waits, and what is over', () => {
    const mine = row({ assignee: { id: 'me', name: 'Ana', erased: false } })
    expect([inView(mine, 'mine', 'me'), inView(mine, 'queue', 'me'), inView(mine, 'all', 'me'), inView(row({ category: 'resolved' }), 'all', 'me')]).toEqual([true, false, true, false])
  })

  it('counts languages, the most first', () => {
    expect(perLanguage([row({ language: 'ja' }), row({ language: 'zh' }), row({ language: 'zh' })])).toEqual([['zh', 2], ['ja', 1]])
  })
})

describe('format', () => {
  it('writes clocks with a minus sign when late', () => {
    expect([mmss(161), mmss(-72), mmss(3661)]).toEqual(['2:41', '−1:12', '1:01:01'])
  })
  it('knows right-to-left languages', () => {
    expect([isRtl('ar'), isRtl('fa-IR'), isRtl('zh')]).toEqual([true, true, false])
  })
})

describe('keys', () => {
  const act = () => undefined
  const press = (code: string, more: KeyboardEventInit = {}, on: Element = document.body) => {
    const event = new KeyboardEvent('keydown', { code, ...more })
    Object.defineProperty(event, 'target', { value: on })
    return event
  }

  it('match the physical key, whatever the layout writes', () => {
    expect(meaning(press('KeyJ', { key: 'о' }), [{ KeyJ: act }], null, true)).toBe(act)
  })
  it('do nothing in fields, during composition, and when switched off', () => {
    expect(meaning(press('KeyJ', {}, document.createElement('textarea')), [{ KeyJ: act }], null, true)).toBeNull()
    expect(meaning(press('KeyJ', { isComposing: true }), [{ KeyJ: act }], null, true)).toBeNull()
    expect(meaning(press('KeyJ'), [{ KeyJ: act }], null, false)).toBeNull()
  })
  it('work with Alt and the command key while writing', () => {
    const field = document.createElement('textarea')
    expect(meaning(press('KeyA', { altKey: true }, field), [{ 'Alt+KeyA': act }], null, false)).toBe(act)
    expect(nameOf(press('KeyK', { ctrlKey: true }))).toBe('Mod+KeyK')
  })
  it('know sequences, and the newest layer first', () => {
    expect(meaning(press('KeyI'), [{ 'KeyG KeyI': act }], 'KeyG', true)).toBe(act)
    const other = () => undefined
    expect(meaning(press('KeyA'), [{ KeyA: act }, { KeyA: other }], null, true)).toBe(other)
  })
})
