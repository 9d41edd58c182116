/** The tables that are generated from the server's rules, as regular expressions and sets. */

import tables from './rules.json'

export type PatternName = keyof typeof tables.patterns
type WordsName = keyof typeof tables.words
type RowName = keyof typeof tables.rows

export function pattern(name: PatternName): RegExp {
  return new RegExp(tables.patterns[name], 'gu')
}

export function words(name: WordsName): ReadonlySet<string> {
  return new Set((tables.words[name] as string).split(' '))
}

export function row(name: RowName): readonly string[] {
  return tables.rows[name]
}

/** Rows of two texts each, as the server's tables have them: the one stands for the other. */
export function pairs(name: RowName): ReadonlyMap<string, string> {
  return new Map(row(name).map((each) => each.split(' ') as [string, string]))
}

export function text(name: keyof typeof tables.texts): string {
  return tables.texts[name]
}

export function number(name: keyof typeof tables.numbers): number {
  return tables.numbers[name]
}

/** Matches from `from` on, as if the text ended at `to`; what stands before `from` is seen by looking behind. */
export function* matches(of: RegExp, text: string, from = 0, to = text.length): Generator<RegExpExecArray> {
  const until = to < text.length ? text.slice(0, to) : text
  let at = Math.max(0, from)
  while (at <= until.length) {
    of.lastIndex = at
    const match = of.exec(until)
    if (!match) return
    at = match.index + (match[0].length || 1)
    yield match
  }
}

export function search(of: RegExp, text: string, from = 0, to = text.length): RegExpExecArray | null {
  of.lastIndex = Math.max(0, from)
  return of.exec(to < text.length ? text.slice(0, to) : text)
}

export function has(of: RegExp, text: string, from = 0, to = text.length): boolean {
  return search(of, text, from, to) !== null
}

/** For texts that have to fit as a whole. */
export function wholePattern(name: PatternName): RegExp {
  return new RegExp(`^(?:${tables.patterns[name]})$`, 'u')
}

/** For texts that have to begin so. */
export function startPattern(name: PatternName): RegExp {
  return new RegExp(`^(?:${tables.patterns[name]})`, 'u')
}

export function count<T>(all: Iterable<T>, fits: (one: T) => boolean): number {
  let sum = 0
  for (const one of all) if (fits(one)) sum++
  return sum
}

/** One after the other, as the server adds: weights lie close to thresholds. */
export function total(all: Iterable<number>): number {
  let sum = 0
  for (const one of all) sum += one
  return sum
}

/** What follows each other with the same key. */
export function runsOf<T>(all: readonly T[], keyOf: (one: T) => unknown): T[][] {
  const runs: T[][] = []
  let before: unknown
  for (const one of all) {
    const key = keyOf(one)
    if (runs.length && key === before) (runs.at(-1) as T[]).push(one)
    else runs.push([one])
    before = key
  }
  return runs
}

/** How often each occurs, in the order in which they are met. */
export function countsOf<T>(all: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>()
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1)
  return counts
}

/** The same, the most frequent first; of equals the one met first. */
export function frequencies<T>(all: Iterable<T>): [T, number][] {
  return [...countsOf(all)].sort((one, other) => other[1] - one[1])
}

/** How many of the places, in order, are not behind this one. */
export function upTo(places: readonly number[], place: number): number {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle] as number) <= place) low = middle + 1
    else high = middle
  }
  return low
}

export const ascii = (text: string): boolean => !/[^\0-\x7f]/.test(text)
