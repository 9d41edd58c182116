import { beforeEach, describe, expect, it } from 'vitest'
import { Outbox } from '@/live/outbox'

const message = (k: string) => ({ k, c: 'c1', kind: 'public' as const, b: `words of ${k}`, att: [], at: '2026-11-24T01:02:03Z' })

describe('outbox', () => {
  beforeEach(() => localStorage.clear())

  it('keeps what is not acknowledged over a reload, under the same key', () => {
    const box = new Outbox('box')
    box.add(message('k1'))
    box.sending('k1')
    const after = new Outbox('box')
    expect(after.items.value).toMatchObject([{ k: 'k1', b: 'words of k1', state: 'waiting' }])
    expect(after.due().map((item) => item.k)).toEqual(['k1'])
  })

  it('forgets what is acknowledged', () => {
    const box = new Outbox('box')
    box.add(message('k1'))
    expect(box.remove('k1')?.b).toBe('words of k1')
    expect(new Outbox('box').items.value).toEqual([])
    expect(localStorage.getItem('box')).toBeNull()
  })

  it('does not resend what was refused, until the person asks for it', () => {
    const box = new Outbox('box')
    box.add(message('k1'))
    box.failed('k1', { id: 'not_assigned', status: 403 })
    expect(new Outbox('box').due()).toEqual([])
    box.sending('k1')
    expect(box.find('k1')).toMatchObject({ state: 'sending', problem: undefined })
  })

  it('resends what nobody answered', () => {
    const box = new Outbox('box')
    box.add(message('k1'))
    box.sending('k1')
    box.unanswered('k1')
    expect(box.find('k1')).toMatchObject({ state: 'failed', problem: { id: 'no_answer' } })
    expect(box.due()).toHaveLength(1)
  })

  it('says nothing about an answer that came in time', () => {
    const box = new Outbox('box')
    box.add(message('k1'))
    box.remove('k1')
    box.unanswered('k1')
    expect(box.items.value).toEqual([])
  })

  it('keeps the order of writing, per conversation', () => {
    const box = new Outbox('box')
    box.add(message('k1'))
    box.add({ ...message('k2'), c: 'c2' })
    box.add(message('k3'))
    expect(box.of('c1').map((item) => item.k)).toEqual(['k1', 'k3'])
    expect(box.due().map((item) => item.k)).toEqual(['k1', 'k2', 'k3'])
  })

  it('survives storage that holds something else', () => {
    localStorage.setItem('box', '{"broken"')
    expect(new Outbox('box').items.value).toEqual([])
  })
})
