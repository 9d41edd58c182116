/**
 * What the words of a text say for a list: each token with the list word that it stands for and its weight, and the
 * stretches that speak most.
 *
 * Numbers, labels and fillers are left out; a word may be cut, misspelt, doubled, or one of several that nothing parts.
 */

import { hasCommonPair, HAN, isChinese, MASK, twinsOf, type WordList } from './lists'
import { count, countsOf, frequencies, matches, number, pattern, row, words as wordsOf } from './rules'
import { allPrefixes, coreOf, EVERYDAY, meant, PREFIX, prefixes } from './spelling'
import { DIGIT, LEAST_CUT, NUMERALS, places as placesOf, SUPPORT, tokensOf, type Token } from './tokens'
import { COMPOUNDS, cover, coverWithSlip, mayBeGlued } from './unbroken'
import { APART, JOINING, JOINS, NUMBERS, OTHER, SAID, TALK, TOGETHER, weights } from './weights'

const TOO_MUCH = number('parts.TOO_MUCH')
const MISSPELT = number('parts.MISSPELT')
const SHORT_MISSPELT = number('parts.SHORT_MISSPELT')
const SHORTEST_MISSPELT = number('parts.SHORTEST_MISSPELT')
const FORM = number('parts.FORM')
const CUT = number('parts.CUT')
const CUT_ALONE = number('parts.CUT_ALONE')
const AGAIN = number('parts.AGAIN')
const SOON = number('parts.SOON')
const SOON_AGAIN = number('parts.SOON_AGAIN')
const NOT_PARTED = number('parts.NOT_PARTED')
/** Words that are spelt right. */
export const EXACT = number('parts.EXACT')
const NEAR = number('parts.NEAR')
const AMONG = number('parts.AMONG')
const OFTEN = number('parts.OFTEN')
const ALTERNATING = number('parts.ALTERNATING')
const LABELS = number('parts.LABELS')
const FORMS = row('parts.FORMS')
const PART = pattern('parts.PART')
// What may number a word, and how far before it that stands.
const NUMBER = pattern('parts.NUMBER')
const NUMBER_BEFORE = number('parts.NUMBER_BEFORE')
const LETTERED = wordsOf('parts.LETTERED')
/** Words that are themselves, never misspelt list words. */
const NO_SLIP: ReadonlySet<string> = new Set([...EVERYDAY, ...wordsOf('talk_words.NO_TYPO_ELSEWHERE'), ...JOINING, ...SUPPORT])

/** What a token says for a list: the list word that it stands for ('' for none), and how much. `soft`: misspelt. `place`: of the token. */
export interface Part {
  word: string
  weight: number
  soft: boolean
  place: number
}

export const stands = (part: Part): boolean => part.word !== '' && !part.soft
const isListed = (word: string): boolean => MASK.has(word) || HAN.has(word)

/** The words; of Chinese each character, where no more than three stand together that make no word. */
export function unitsOf(lower: string): Token[] {
  return tokensOf(lower).flatMap((token) => {
    const { start, word } = token
    const first = word.charAt(0)
    if (word.length > 1 && word.length <= TOGETHER && HAN.has(first) && !NUMERALS.has(word) && !hasCommonPair(word)) {
      return [...word].map((char, at) => ({ start: start + at, end: start + at + 1, word: char }))
    }
    return first >= '\u3041' && first <= '\u3096' ? { ...token, word: coreOf(word) } : token
  })
}

/** Without numbers, labels and fillers. */
export function cleaned(lower: string, tokens: readonly Token[]): Token[] {
  // A label never stands beside itself.
  const counts = countsOf(tokens.flatMap(({ word }, at) => (word === tokens[at - 1]?.word ? [] : word)))
  const labels = countsOf([...matches(PART, lower)].map((match) => match[1] as string))
  const hits = count(counts.keys(), isListed)
  const numbers = count(counts.keys(), (word) => NUMBERS.has(word)) >= OFTEN

  const stays = (word: string): boolean => {
    if (NUMERALS.has(word) || (labels.get(word) ?? 0) > 1 + Number(MASK.has(word)) || (numbers && NUMBERS.has(word))) return false
    const times = counts.get(word) ?? 0
    if (JOINING.has(word)) return times < OFTEN || !(times >= 0.6 * hits || isRegular(word, tokens))
    const listed = isListed(word)
    return times < Math.max(OFTEN + Number(listed), 0.2 * hits) && (listed || !TALK.has(word))
  }

  // Once for each word: a long text repeats them.
  const staying = new Set([...counts.keys()].filter(stays))
  return tokens.filter((token) => staying.has(token.word))
}

/** Whether a word stands at every third place or so, as "is" does in "word 1 is …, word 2 is …". */
function isRegular(word: string, tokens: readonly Token[]): boolean {
  const places = tokens.flatMap((token, place) => (token.word === word ? place : []))
  const steps = frequencies(places.slice(1).map((right, at) => right - (places[at] as number)))
  const [step, times] = steps[0] ?? [0, 0]
  return places.length > OFTEN && step <= OFTEN && times >= 0.7 * (places.length - 1)
}

/** Whether many words are cut to four letters, as on plates of metal. */
export function isCut(tokens: readonly Token[]): boolean {
  return count(tokens, (token) => allPrefixes().has(token.word)) >= Math.max(LEAST_CUT, 0.2 * tokens.length)
}

/** `cut`: every word may be cut or misspelt; `plate`: cut words count also where they are words of everyday language. */
export function partsOf(tokens: readonly Token[], list: WordList, cut: boolean, plate = false): Part[] {
  const of = weights(list)
  const han = isChinese(list)
  const covers = tokens.map(({ word }) => (han || of.has(word) ? [] : coverOf(word, list)))
  const known = tokens.map(({ word }, place) => of.has(word) || (covers[place]?.length ?? 0) > 0)
  const labels = alternating(tokens, known)
  const mayBeSlip = (word: string, place: number): boolean =>
    !NO_SLIP.has(word) && (cut || known.slice(Math.max(0, place - NEAR), place + NEAR + 1).includes(true))
  const parts: Part[] = []
  const isAmong = (word: string, last: number): boolean => parts.slice(-last).some((part) => part.word === word)
  let halves = false
  tokens.forEach(({ word }, place) => {
    const next = tokens[place + 1]
    const both = next ? word + next.word : ''
    const ofBoth = of.get(both)
    const ofWord = of.get(word)
    if (halves) {
      halves = false
    } else if (ofBoth !== undefined && !han && !(known[place] && known[place + 1])) {
      halves = true
      parts.push({ word: both, weight: ofBoth + NOT_PARTED, soft: false, place }, { word: both, weight: 0, soft: false, place: place + 1 })
    } else if (covers[place]?.length) {
      for (const each of covers[place]) parts.push({ word: each, weight: (of.get(each) as number) + NOT_PARTED, soft: false, place })
    } else if (ofWord !== undefined) {
      let weight = ofWord
      if (han) weight += APART * Number(isApart(tokens, place))
      else if (isAmong(word, 2)) weight = Math.max(0, AGAIN * weight)
      else if (isAmong(word, SOON)) weight = Math.min(weight, SOON_AGAIN)
      parts.push({ word: twinsOf(list).get(word) ?? word, weight, soft: false, place })
    } else if (!han && (mayBeSlip(word, place) || (plate && prefixes(list).has(word)))) {
      const beside = known.slice(Math.max(0, place - NEAR), place + NEAR + 1)
      // The word itself is none of them.
      const found = likely(word, place, list, cut, count(beside, Boolean) >= Math.min(AMONG, Math.max(2, beside.length - 1)))
      const recent = new Set(parts.slice(-SOON).map((part) => part.word))
      parts.push(...found.map((part) => (part.soft && recent.has(part.word) ? { ...part, weight: Math.min(part.weight, SOON_AGAIN) } : part)))
    } else {
      parts.push({ word: '', weight: against(word), soft: false, place })
    }
    if (labels.has(place) && !parts.at(-1)?.word) parts[parts.length - 1] = { word: '', weight: LABELS, soft: false, place }
  })
  return parts
}

/**
 * Places of other words that stand one by one, or two by two, between many list words: ordinals, numbers in words. What
 * joins the words of prose is none of these.
 */
function alternating(tokens: readonly Token[], known: readonly boolean[]): ReadonlySet<number> {
  const places = placesOf(known, Boolean)
  const found = new Set<number>()
  for (const step of [2, 3]) {
    let first = 0
    for (let at = 0; at < places.length; at++) {
      const last = places[at] as number
      if ((places[at + 1] ?? Infinity) - last === step) continue
      if (at > first && at - first + 1 >= ALTERNATING) {
        const between: number[] = []
        for (let place = Math.max(0, (places[first] as number) - step + 1); place < last; place++) {
          if (place < (places[first] as number) || (place - (places[first] as number)) % step) between.push(place)
        }
        if (count(between, (place) => JOINING.has(tokens[place]?.word ?? '')) <= 0.2 * between.length) {
          for (const place of between) found.add(place)
        }
      }
      first = at + 1
    }
  }
  return found
}

function isApart(tokens: readonly Token[], place: number): boolean {
  const { start, end } = tokens[place] as Token
  return tokens[place - 1]?.end !== start && (tokens[place + 1]?.start ?? Infinity) > end
}

function coverOf(word: string, list: WordList): readonly string[] {
  return mayBeGlued(word) && !NO_SLIP.has(word) ? cover(word, list) : []
}

/** What a word that is not on the list may be on it. `among`: nearly all beside it are list words. */
function likely(word: string, place: number, list: WordList, cut: boolean, among: boolean): Part[] {
  const of = weights(list)
  const whole = word.length === PREFIX ? prefixes(list).get(word) : undefined
  if (whole !== undefined) return [{ word: whole, weight: cut ? CUT : CUT_ALONE, soft: false, place }]
  const like = COMPOUNDS.has(word) ? null : meant(word, list)
  if (like === null) {
    const glued = among ? coverWithSlip(word, list) : []
    if (!glued.length) return [{ word: '', weight: against(word), soft: false, place }]
    return glued.map((each) => {
      const soft = !word.includes(each)
      return { word: each, weight: (soft ? MISSPELT : (of.get(each) as number)) + NOT_PARTED, soft, place }
    })
  }
  const form = word.startsWith(like) && FORMS.includes(word.slice(like.length))
  const letters = word < '\u3041' ? word.length : 2 * word.length
  const weight = letters < PREFIX ? SHORTEST_MISSPELT : letters === PREFIX ? SHORT_MISSPELT : MISSPELT
  return [{ word: like, weight: form ? FORM : weight, soft: true, place }]
}

function against(word: string): number {
  if (TALK.has(word)) return SAID
  if (JOINING.has(word)) return JOINS
  return word < '\u3041' ? OTHER : OTHER * Math.min(2, Math.max(1, word.length / 3))
}

/** First and last of each heaviest stretch. */
export function stretchesOf(parts: readonly Part[], least: number): [number, number][] {
  const found: [number, number][] = []
  let [score, best, first, last] = [0, 0, 0, 0]
  for (let at = 0; at <= parts.length; at++) {
    const part = parts[at]
    if (score <= 0 || best - score > TOO_MUCH || !part) {
      if (best >= least && best > 0) found.push([first, last])
      score = best = 0
      first = at
    }
    score += part?.weight ?? 0
    if (score >= best) {
      best = score
      last = at
    }
  }
  return found
}

const isNumber = (word: string): boolean => [...word].every((char) => DIGIT.test(char)) || NUMBERS.has(word) || LETTERED.has(word)

/** Whether nearly all of the words have numbers of their own before them, in any order: in digits, letters or words. */
export function areNumbered(lower: string, tokens: readonly Token[], parts: readonly Part[]): boolean {
  const numbers = parts.flatMap(({ place }) => {
    const { start } = tokens[place] as Token
    const before = tokens[place - 1]?.end ?? 0
    const between = [...matches(NUMBER, lower, Math.max(before, start - NUMBER_BEFORE), start)].map((match) => match[0])
    return between.every(isNumber) ? between.slice(-1) : []
  })
  return new Set(numbers).size >= 0.8 * parts.length
}
