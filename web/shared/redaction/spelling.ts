/** Words that are nearly list words: one letter wrong, or only the first four letters. */

import { EVERYDAY_POETRY, LATIN, LISTS, type WordList } from './lists'
import { number, pattern, row, words } from './rules'

export const PREFIX = number('spelling.PREFIX')
export const NO_TYPO = words('spelling.NO_TYPO')
/** In the middle of a text more has to be left out: the words of everyday English that are no list words. */
export const EVERYDAY: ReadonlySet<string> = new Set([...NO_TYPO, ...EVERYDAY_POETRY])

const HELD = pattern('spelling.HELD')
// A syllable is several letters.
const DOUBLED = pattern('spelling.DOUBLED')
const ENDS = row('spelling.ENDS')
const PARTICLES_BEFORE = row('spelling.PARTICLES_BEFORE')
const PARTICLES_BEHIND = row('spelling.PARTICLES_BEHIND')

/** Made when first needed, once for each list. */
export function kept<T>(make: (list: WordList) => T): (list: WordList) => T {
  const made = new Map<WordList, T>()
  return (list) => {
    let found = made.get(list)
    if (found === undefined) made.set(list, (found = make(list)))
    return found
  }
}

/** What a typing error changes: of Korean syllables their letters. */
const letters = (word: string): string => (word.charAt(0) >= '\uac00' ? word.normalize('NFD') : word)

function deletions(word: string): Set<string> {
  const found = new Set<string>()
  for (let place = 0; place < word.length; place++) found.add(word.slice(0, place) + word.slice(place + 1))
  return found
}

/** Every list word under each of its forms with one letter left out. */
const neighbourhood = kept((list) => {
  const near = new Map<string, string[]>()
  for (const word of list.index.keys()) {
    for (const shorter of deletions(letters(word))) {
      const held = near.get(shorter)
      if (held) held.push(word)
      else near.set(shorter, [word])
    }
  }
  return near
})

/** The longer words under their first four letters, which tell the words of each list apart. */
export const prefixes = kept((list) => new Map([...list.index.keys()].filter((word) => word.length > PREFIX).map((word) => [word.slice(0, PREFIX), word])))

let cut: ReadonlySet<string> | null = null

export function allPrefixes(): ReadonlySet<string> {
  cut ??= new Set(LATIN.flatMap((name) => [...prefixes(LISTS[name]).keys()]))
  return cut
}

/** The list word that `word` stands for: a held key ("moonnn"), another form of it ("moons"), or one letter wrong. */
export function meant(word: string, list: WordList): string | null {
  let plain = word.replace(HELD, '$1')
  if (!list.index.has(plain) && word >= '\u3041') plain = word.replace(DOUBLED, '$1')
  if (list.index.has(plain)) return plain
  for (const end of ENDS) {
    const stem = word.slice(0, -end.length)
    if (word.endsWith(end) && list.index.has(stem)) return stem
  }
  return nearest(word, list)
}

/** The word of the Japanese list that stands between particles, or the word itself. */
export function coreOf(word: string): string {
  const { index } = LISTS.japanese
  if (index.has(word)) return word
  const behind = [word, ...PARTICLES_BEHIND.filter((end) => word.endsWith(end)).map((end) => word.slice(0, -end.length))]
  for (const form of behind) {
    if (index.has(form)) return form
    if (PARTICLES_BEFORE.some((particle) => form.startsWith(particle)) && index.has(form.slice(1))) return form.slice(1)
  }
  return word
}

/** A list word that one letter left out, added, changed or swapped makes of `word`. */
export function nearest(word: string, list: WordList): string | null {
  const written = letters(word)
  if (written.length < 3 || written.length > 12) return null
  const near = neighbourhood(list)
  const longer = near.get(written)?.[0]
  if (longer !== undefined) return longer
  const shorter = [...deletions(written)].sort()
  for (const form of shorter) {
    if (list.index.has(form)) return form
    const composed = form.normalize('NFC')
    if (list.index.has(composed)) return composed
  }
  for (const form of shorter) {
    for (const other of near.get(form) ?? []) if (oneChanged(written, letters(other))) return other
  }
  return null
}

function oneChanged(word: string, other: string): boolean {
  if (word.length !== other.length) return false
  const differing: number[] = []
  for (let place = 0; place < word.length; place++) if (word[place] !== other[place]) differing.push(place)
  const [first = 0, last = 0] = differing
  return differing.length === 1 ||
    (differing.length === 2 && last === first + 1 && word[first] === other[last] && word[last] === other[first])
}
