/** The word lists of recovery phrases, unpacked from the generated table. */

import packed from './lists.json'

export interface WordList {
  name: string
  /** a word's place in the list */
  index: ReadonlyMap<string, number>
  bit: number
  /** lengths of a whole phrase, longest first */
  sizes: readonly number[]
  everyday: ReadonlySet<string>
}

export type ListName = keyof typeof packed.sizes

export const CHINESE: readonly ListName[] = ['chinese_simplified', 'chinese_traditional']
export const LATIN = packed.latin as readonly ListName[]
export const SPACED = Object.keys(packed.spaced) as readonly ListName[]
const EVERYDAY_LISTS: readonly string[] = packed.everydayLists

export const EVERYDAY_POETRY: ReadonlySet<string> = new Set(packed.everydayPoetry.split(' '))
const EVERYDAY_ENGLISH = new Set(packed.everydayEnglish.split(' '))

/** Of each word the number of letters that it shares with the one before (one capital or digit), and the rest. */
function unpacked(text: string): string[] {
  const words: string[] = []
  let before = ''
  for (const [, shared = '0', rest = ''] of text.matchAll(/([0-9A-Z])([^0-9A-Z]*)/g)) {
    before = before.slice(0, parseInt(shared, 36)) + rest
    words.push(before)
  }
  return words
}

function wordsOf(name: ListName): string[] {
  if (name === 'chinese_simplified') return [...packed.simplified]
  if (name === 'chinese_traditional') return [...packed.traditional].map((char, at) => (char === ' ' ? (packed.simplified[at] ?? '') : char))
  return unpacked((packed.spaced as Record<string, string>)[name] ?? '')
}

function made(name: ListName, place: number): WordList {
  const index = new Map(wordsOf(name).map((word, number) => [word, number]))
  const everyday = EVERYDAY_LISTS.includes(name) ? EVERYDAY_POETRY : EVERYDAY_ENGLISH
  return { name, index, bit: 1 << place, sizes: packed.sizes[name], everyday: new Set([...everyday].filter((word) => index.has(word))) }
}

export const LISTS = Object.fromEntries([...SPACED, ...CHINESE].map((name, place) => [name, made(name, place)])) as Record<ListName, WordList>

/** All of them, in order. */
export const EVERY: readonly WordList[] = Object.values(LISTS)

export const isChinese = (list: WordList): boolean => CHINESE.some((name) => name === list.name)
export const isLatin = (list: WordList): boolean => LATIN.some((name) => name === list.name)

/**
 * Both Chinese lists are one list in two writings, in one order: of each the characters of the other, as it writes them.
 * People, keyboards and screens mix the writings.
 */
const TWINS = new Map(
  CHINESE.map((name, at) => {
    const others = [...LISTS[CHINESE[1 - at] as ListName].index.keys()]
    const pairs = [...LISTS[name].index.keys()].map((own, place): [string, string] => [others[place] as string, own])
    return [name as string, new Map(pairs.filter(([theirs]) => !LISTS[name].index.has(theirs)))]
  }),
)

const NONE: ReadonlyMap<string, string> = new Map()

export const twinsOf = (list: WordList): ReadonlyMap<string, string> => TWINS.get(list.name) ?? NONE

function masks(names: readonly ListName[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const name of names) {
    const { index, bit } = LISTS[name]
    for (const word of [...index.keys(), ...twinsOf(LISTS[name]).keys()]) found.set(word, (found.get(word) ?? 0) | bit)
  }
  return found
}

/** Every word of the lists that are written with separators, with the bits of its lists; and the Chinese characters. */
export const MASK = masks(SPACED)
export const HAN = masks(CHINESE)

let pairs: ReadonlySet<string> | null = null

/** Whether two characters often stand together within a word of ordinary Chinese. */
export function commonPair(pair: string): boolean {
  pairs ??= new Set(packed.pairs.split(' ').flatMap((group) => [...group.slice(1)].map((second) => group.charAt(0) + second)))
  return pairs.has(pair)
}

export function hasCommonPair(chars: string): boolean {
  for (let at = 1; at < chars.length; at++) if (commonPair(chars.slice(at - 1, at + 1))) return true
  return false
}
