/** Which conversations stand where in the list: by promise, never by arrival. */

import type { Row } from '@shared/protocol'

export type View = 'mine' | 'queue' | 'all' | 'resolved'
export type GroupKey = 'emergency' | 'next' | 'waiting' | 'resolved'

export interface Group {
  key: GroupKey
  rows: Row[]
}

const FAR = '9999'
const byPromise = (a: Row, b: Row): number =>
  (a.next_due ?? FAR).localeCompare(b.next_due ?? FAR) || b.priority - a.priority || (a.waiting_since ?? FAR).localeCompare(b.waiting_since ?? FAR)

export function groupOf(row: Row): GroupKey {
  if (row.category === 'resolved') return 'resolved'
  if (row.emergency) return 'emergency'
  return row.category === 'waiting' || row.waiting_since === null ? 'waiting' : 'next'
}

export function inView(row: Row, view: View, me: string): boolean {
  if (view === 'resolved') return row.category === 'resolved'
  if (row.category === 'resolved') return false
  if (view === 'mine') return row.assignee?.id === me
  return view === 'all' || row.assignee === null
}

/** @returns the groups that are not empty, each in the order to work in. */
export function grouped(rows: Row[]): Group[] {
  const groups = new Map<GroupKey, Row[]>()
  for (const row of rows) {
    const key = groupOf(row)
    const held = groups.get(key)
    if (held) held.push(row)
    else groups.set(key, [row])
  }
  const order: [GroupKey, (a: Row, b: Row) => number][] = [
    ['emergency', byPromise],
    ['next', byPromise],
    ['waiting', (a, b) => b.last_at.localeCompare(a.last_at)],
    ['resolved', (a, b) => (b.resolved_at ?? '').localeCompare(a.resolved_at ?? '')],
  ]
  return order.flatMap(([key, compare]) => {
    const rowsOf = groups.get(key)
    return rowsOf ? [{ key, rows: rowsOf.sort(compare) }] : []
  })
}

/** How many there are per language, the most first: the chips above the list. */
export function perLanguage(rows: Row[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(row.language, (counts.get(row.language) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
}
