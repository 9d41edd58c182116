/** A line's menu as a tree: where its nodes stand in a picture, and how it is changed. No browser in here. */

import type { Kind, MenuNode, Tree } from './api'

export const KINDS: readonly Kind[] = ['say', 'language', 'code', 'choice', 'queue', 'callback', 'voicemail', 'emergency']
/** Zero is the emergency, in every menu. */
export const KEYS = [...'123456789*#']

export interface Way {
  from: string
  to: string
  /** the keys that lead there; none: it goes on by itself */
  keys: string[]
  /** where a caller goes who presses nothing */
  silent: boolean
}
export interface Place {
  name: string
  column: number
  row: number
}
export interface Picture {
  places: Place[]
  ways: Way[]
  columns: number
  rows: number
}

/** What leads away from a node, those to the same one together. */
export function waysFrom(name: string, node: MenuNode): Way[] {
  const found = new Map<string, Way>()
  const add = (to: string, key?: string, silent = false): void => {
    const way = found.get(to) ?? { from: name, to, keys: [], silent: false }
    if (key !== undefined) way.keys.push(key)
    way.silent ||= silent
    found.set(to, way)
  }
  if (node.kind === 'choice') {
    for (const [key, to] of Object.entries(node.keys)) add(to, key)
    add(node.silent, undefined, true)
  } else if (node.kind === 'say' || node.kind === 'code') add(node.next)
  else if (node.kind === 'language') {
    for (const key of Object.keys(node.keys)) add(node.next, key)
    add(node.next)
  }
  return [...found.values()]
}

/** Columns by the fewest steps from the start, rows in the order in which keys lead there; what nothing leads to stands
 * in a column of its own, so that it is not overlooked. */
export function draw(tree: Tree): Picture {
  const ways = Object.entries(tree.nodes).flatMap(([name, node]) => waysFrom(name, node)).filter((way) => way.to in tree.nodes)
  const column = new Map<string, number>()
  const waiting = tree.start in tree.nodes ? [tree.start] : []
  if (waiting[0] !== undefined) column.set(waiting[0], 0)
  for (const name of waiting)
    for (const way of ways)
      if (way.from === name && !column.has(way.to)) {
        column.set(way.to, column.get(name)! + 1)
        waiting.push(way.to)
      }
  const last = Math.max(0, ...column.values())
  const lost = Object.keys(tree.nodes).filter((name) => !column.has(name))
  for (const name of lost) column.set(name, last + (column.size > lost.length ? 1 : 0))
  const filled: number[] = []
  const places = [...waiting, ...lost].map((name) => {
    const at = column.get(name)!
    filled[at] = (filled[at] ?? 0) + 1
    return { name, column: at, row: filled[at] - 1 }
  })
  return { places, ways, columns: filled.length, rows: Math.max(1, ...filled.map((count) => count || 0)) }
}

/** Keys as they are read: `1–3 5`. */
export function runs(keys: string[]): string[] {
  const found: string[][] = []
  for (const key of keys) {
    const last = found.at(-1)
    if (last && Number(key) === Number(last.at(-1)) + 1) last.push(key)
    else found.push([key])
  }
  return found.flatMap((run) => (run.length > 2 ? [`${run[0]}–${run.at(-1)}`] : run))
}

/** Where the arrow keys lead in the picture. */
export function beside({ places, ways }: Picture, name: string, key: string): string | undefined {
  const here = places.find((place) => place.name === name)
  if (!here) return undefined
  if (key === 'ArrowRight') return ways.find((way) => way.from === name && way.to !== name)?.to
  if (key === 'ArrowLeft') return ways.find((way) => way.to === name && way.from !== name)?.from
  const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0
  return step ? places.find((place) => place.column === here.column && place.row === here.row + step)?.name : undefined
}

export function emptyNode(kind: Kind, target: string): MenuNode {
  switch (kind) {
    case 'say': return { kind, texts: { en: '' }, next: target }
    case 'language': return { kind, keys: { 1: 'en' }, next: target }
    case 'choice': return { kind, texts: { en: '' }, keys: { 1: target }, silent: target }
    case 'code': return { kind, next: target }
    case 'emergency': return { kind }
    default: return { kind, queue: '', topic: '' }
  }
}

/** Every way that led to `from` leads to `to`. */
function redirected(node: MenuNode, from: string, to: string): MenuNode {
  const turn = (name: string) => (name === from ? to : name)
  if (node.kind === 'choice') return { ...node, keys: Object.fromEntries(Object.entries(node.keys).map(([key, name]) => [key, turn(name)])), silent: turn(node.silent) }
  return 'next' in node ? { ...node, next: turn(node.next) } : node
}

export function renamed(tree: Tree, from: string, to: string): Tree {
  if (to === from || to in tree.nodes || !/^[a-z0-9_-]{1,40}$/.test(to)) return tree
  const nodes = Object.fromEntries(Object.entries(tree.nodes).map(([name, node]) => [name === from ? to : name, redirected(node, from, to)]))
  return { start: tree.start === from ? to : tree.start, nodes }
}

export function removed(tree: Tree, name: string): Tree {
  return { ...tree, nodes: Object.fromEntries(Object.entries(tree.nodes).filter(([one]) => one !== name)) }
}

/** `base`, or with the lowest number that nobody has. */
export function freeName(tree: Tree, base: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}-${n}`
    if (!(name in tree.nodes)) return name
  }
}
