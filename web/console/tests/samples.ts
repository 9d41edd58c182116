import type { Entry, Offer, Row } from '@shared/protocol'

export const entry = (seq: number): Entry => ({ seq, kind: 'public', from: 'customer', by: null, b: `text ${seq}`, at: '2026-11-24T01:02:03Z', k: null, lang: null, att: [], ev: null })

export const row = (change: Partial<Row> = {}): Row => ({
  id: 'c1', reference: 'HF-7K3M-92', customer: { id: 'u1', name: 'Lin', erased: false }, language: 'zh', channel: 'chat', queue: { id: 'q1', key: 'general', name: 'General' }, topic: null, category: 'open', priority: 1,
  emergency: false, assignee: null, preview: 'words', last_from: 'customer', last_at: '2026-11-24T01:02:03Z', waiting_since: '2026-11-24T01:02:03Z', next_due: '2026-11-24T01:17:03Z', seq: 3, agent_read: 0,
  customer_read: 0, episode: 1, tags: [], verification: 0, verified_until: null, signed_in: false, opened_at: '2026-11-24T01:00:00Z', resolved_at: null, version: 1, ...change,
})

export const offer = (change: Partial<Offer> = {}): Offer => ({ id: 'o1', conversation: row(), offered_at: '2026-11-24T01:02:03Z', expires_at: '2026-11-24T01:03:03Z', why: [], ...change })
