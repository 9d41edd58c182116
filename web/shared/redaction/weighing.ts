/**
 * Recovery phrases by weight of evidence, whatever stands between their words: each word speaks for a phrase of a list or
 * for everyday language (`weights`, `parts`); the stretch that speaks most is looked at more closely. One list after the
 * other; linear.
 */

import { isAlphabetical, isCategory, isCrossword, isExcerpt } from './evidence'
import type { Certainty } from './findings'
import { asRead, withoutLabels } from './labels'
import { EVERY, HAN, isChinese, MASK, type WordList } from './lists'
import { areNumbered, cleaned, EXACT, isCut, partsOf, stands, stretchesOf, unitsOf, type Part } from './parts'
import { count, countsOf, has, matches, number, pattern, runsOf, total, upTo } from './rules'
import { sizeOf, validWindows, type Phrase } from './sizes'
import { allPrefixes } from './spelling'
import { LEAST, type Token } from './tokens'
import { likelyLists, SAID } from './weights'

// What a stretch has to weigh, and what it has to weigh to be no doubtful case.
const ENOUGH = number('weighing.ENOUGH')
const SURE = number('weighing.SURE')
const MUCH = number('weighing.MUCH')
const PURE = number('weighing.PURE')
const EVEN = number('weighing.EVEN')
const NUMBERED = number('weighing.NUMBERED')
const RIGHT = number('weighing.RIGHT')
const TELLS = number('weighing.TELLS')
const IN_CHAT = number('weighing.IN_CHAT')
const PART = number('weighing.PART')
const FEWEST_IN_TALK = number('weighing.FEWEST_IN_TALK')
const TELLS_ALONE = number('weighing.TELLS_ALONE')
const SENTENCE_ALONE = number('weighing.SENTENCE_ALONE')
const WITH_GAPS = number('weighing.WITH_GAPS')
const ALONE = number('weighing.ALONE')
const ENOUGH_IN_CHAT = number('weighing.ENOUGH_IN_CHAT')
// What each of them has to weigh.
const EACH = number('weighing.EACH')
const ENOUGH_RIGHT = number('weighing.ENOUGH_RIGHT')
const FEW = number('weighing.FEW')
const HEAVY = number('weighing.HEAVY')
const NEARLY = number('weighing.NEARLY')
const HEAVY_NEARLY = number('weighing.HEAVY_NEARLY')
const HEAVY_APART = number('weighing.HEAVY_APART')
// As many words as a phrase has, as many in each message, and nothing else in these.
const WHOLE = number('weighing.WHOLE')
const STRAYS = number('weighing.STRAYS')
const BESIDE = number('weighing.BESIDE')
const FEW_TOKENS = number('weighing.FEW_TOKENS')
export const SENTENCE = pattern('weighing.SENTENCE')
const MISSING = pattern('weighing.MISSING')
const DIGITS = pattern('weighing.DIGITS')

/** `tokens`: those that stand for list words. */
export interface Weighed {
  phrase: Phrase
  tokens: readonly Token[]
  weight: number
}

/**
 * A stretch of a message that speaks for a list: its weight, its words as they are written, and how many `others` stand among
 * these. `whole`: nothing else stands in the message. `numbered`: each has its number.
 */
export interface Piece {
  weight: number
  words: readonly string[]
  others: number
  whole: boolean
  numbered: boolean
}

/** What is searched: `begins` says where each of several messages, that are one below the other, begins. */
interface Page {
  lower: string
  tokens: readonly Token[]
  list: WordList
  begins: readonly number[]
}

const weightOf = (parts: readonly Part[]): number => total(parts.map((part) => part.weight))
const counted = (parts: readonly Part[]): number => count(parts, (part) => part.word !== '')
const tokenOf = ({ tokens }: Page, part: Part): Token => tokens[part.place] as Token
const messageOf = (page: Page, part: Part): number => upTo(page.begins, tokenOf(page, part).start)

/** The phrases in a folded text, in order of lists; those of different lists may overlap. */
export function weighed(text: string, begins: readonly number[] = []): Weighed[] {
  const lower = withoutLabels(asRead(text))
  const units = unitsOf(lower)
  const lists = likelyLists(units.map((unit) => unit.word))
  if (!lists.length) return []
  const tokens = cleaned(lower, units)
  const cut = isCut(tokens)
  const found: Weighed[] = []
  for (const list of lists) {
    const page = { lower, tokens, list, begins }
    const own = partsOf(tokens, list, cut, cut)
    const [parts, mixed] = begins.length ? withMessages(own, page) : [own, new Set<number>()]
    for (const core of stretchesOf(parts, 0)) found.push(...judged(page, parts, core, mixed))
  }
  return found
}

/** What a message says by itself. `running`: after another piece a word alone may be misspelt. */
export function* piecesOf(text: string, running: boolean): Generator<Piece> {
  const lower = withoutLabels(asRead(text))
  const tokens = cleaned(lower, unitsOf(lower))
  const shortened = count(tokens, (token) => allPrefixes().has(token.word))
  const cut = shortened > 0.5 * tokens.length || (running && tokens.length <= FEW_TOKENS)
  const listed = tokens.reduce((bits, { word }) => bits | (MASK.get(word) ?? HAN.get(word) ?? 0), 0)
  for (const list of EVERY) {
    if (!cut && !(listed & list.bit)) continue
    const parts = partsOf(tokens, list, cut)
    const whole = parts.length > 0 && parts.every((part) => part.word)
    for (const [first, last] of whole ? [[0, parts.length - 1] as const] : stretchesOf(parts, 0.1)) {
      const stretch = parts.slice(first, last + 1)
      const ofWords = stretch.filter((part) => part.word)
      const numbered = areNumbered(lower, tokens, ofWords)
      yield {
        weight: weightOf(stretch) + NUMBERED * Number(numbered),
        words: ofWords.map((part) => (tokens[part.place] as Token).word),
        others: stretch.length - ofWords.length,
        whole,
        numbered,
      }
    }
  }
}

const isListed = (parts: readonly Part[]): boolean => parts.every((part) => part.word)

/**
 * Of each message what may be of the phrase: all of it where hardly anything else is said; of another one the sentences that
 * are nothing but list words, and what tells much within one. The rest speaks neither for nor against. Also which messages
 * say more.
 */
function withMessages(parts: readonly Part[], page: Page): [Part[], ReadonlySet<number>] {
  const ends = [...matches(SENTENCE, page.lower)].map((match) => match.index + match[0].length)
  const kept: Part[] = []
  const mixed = new Set<number>()
  for (const those of runsOf(parts, (part) => messageOf(page, part))) {
    if (isListed(those)) {
      kept.push(...those.map((part) => ({ ...part, weight: part.weight + IN_CHAT * Number(stands(part) && part.weight >= TELLS) })))
      continue
    }
    mixed.add(messageOf(page, those[0] as Part))
    const little = those.length - counted(those) <= STRAYS
    const sentences = runsOf(those, (part) => upTo(ends, tokenOf(page, part).start))
    for (const several of runsOf(sentences, isListed).map((run) => run.flat())) {
      if (little) kept.push(...(counted(several) ? several : []))
      else kept.push(...(isListed(several) ? ofSentences(several, page) : withinTalk(several)))
    }
  }
  return [kept, mixed]
}

/** Sentences that are nothing but list words, when they tell enough. */
function ofSentences(several: readonly Part[], { lower, tokens }: Page): readonly Part[] {
  const weight = weightOf(several)
  const enough = weight >= PART || weight >= TELLS_ALONE * several.length || areNumbered(lower, tokens, several)
  return (enough || several.length >= SENTENCE_ALONE) && several.length > 1 ? several : []
}

/** The words of sentences that say much else which tell much. */
function withinTalk(several: readonly Part[]): readonly Part[] {
  return stretchesOf(several, PART)
    .map(([first, last]) => several.slice(...withNeighbours(several, first, last)))
    .filter((stretch) => isListed(stretch) && count(stretch, stands) >= FEWEST_IN_TALK)
    .flat()
}

/** First and behind the last of a stretch with the everyday words beside it. */
function withNeighbours(parts: readonly Part[], first: number, last: number): [number, number] {
  const stays = (at: number): boolean => at >= 0 && at < parts.length && stands(parts[at] as Part)
  while (stays(first - 1)) first--
  while (stays(last + 1)) last++
  return [first, last + 1]
}

/**
 * A stretch with the list words beside it, that are everyday words too; over another word or two, while the phrase is not
 * whole, when one that tells something or makes it whole comes soon behind it.
 */
function prolonged(parts: readonly Part[], first: number, last: number, { sizes }: WordList): [number, number] {
  let words = counted(parts.slice(first, last + 1))

  const reach = (at: number, step: number): number => {
    let strays = STRAYS
    for (let part = parts[at + step]; part; part = parts[at + step]) {
      if (!stands(part)) {
        const beyond: Part[] = []
        for (let n = 1; n < STRAYS + 3; n++) beyond.push(...(parts[at + n * step] ? [parts[at + n * step] as Part] : []))
        const soon = beyond.findIndex((each, n) =>
          stands(each) && (each.weight >= TELLS || sizes.includes(words + counted(beyond.slice(0, n + 1)))))
        if (soon < 0) break
        strays -= count(beyond.slice(0, soon), (each) => !stands(each))
        // Beside a whole phrase one more word is that of a sentence.
        if (strays < 0 || (sizes.includes(words) && count(beyond, stands) < 2)) break
        at += soon * step
      }
      at += step
      words++
    }
    return at
  }

  return [reach(first, -1), reach(last, 1)]
}

/** What stands between a word and the next one, without numbers. */
function gapBehind(page: Page, parts: readonly Part[], left: number): string {
  const [one, next] = [parts[left] as Part, parts[left + 1] as Part]
  return page.lower.slice(tokenOf(page, one).end, tokenOf(page, next).start).replace(DIGITS, '')
}

function gapsWithin(page: Page, parts: readonly Part[], first: number, last: number): ReadonlySet<string> {
  const within = new Set<string>()
  for (let at = first; at < last; at++) within.add(gapBehind(page, parts, at))
  return within
}

/** Whether one separator, which is no blank, stands between all of the words. */
function areEven(page: Page, ofWords: readonly Part[]): boolean {
  const gaps = gapsWithin(page, ofWords, 0, ofWords.length - 1)
  // Several messages stand one below the other.
  return gaps.size - Number(gaps.has('\n')) <= 1 && !gaps.has(' ')
}

/** With a misspelt word at an end, which completes the phrase or is parted as its other words are. */
function withSlips(page: Page, parts: readonly Part[], first: number, last: number): [number, number] {
  const within = gapsWithin(page, parts, first, last)
  const { sizes } = page.list
  let words = counted(parts.slice(first, last + 1))
  for (let turn = 0; turn < 2 && !(turn && sizes.includes(words)); turn++) {
    const completes = sizes.includes(words + 1)
    if (parts[first - 1]?.soft && (completes || within.has(gapBehind(page, parts, first - 1)))) {
      first--
      words++
    } else if (parts[last + 1]?.soft && (completes || within.has(gapBehind(page, parts, last)))) {
      last++
      words++
    }
  }
  return [first, last]
}

/** With the same words again behind it, as who pastes twice leaves them. */
function onceMore(parts: readonly Part[], first: number, last: number): [number, number] {
  const words = new Set(parts.slice(first, last + 1).map((part) => part.word).filter(Boolean))
  if (words.size < EXACT) return [first, last]
  for (let at = last + 1; at < parts.length && at - last <= STRAYS + 1; at++) if (words.has(parts[at]?.word ?? '')) last = at
  return [first, last]
}

/**
 * First and last+1 of the words to hide when those of a window are a whole phrase: up to three at each side that are set apart
 * by another word or another separator may stay readable ("my seed phrase is …").
 */
function trimmed(page: Page, ofWords: readonly Part[], [first, last]: readonly [number, number]): [number, number] {
  const within = gapsWithin(page, ofWords, first, last - 1)
  // Words that tell little, behind another separator.
  const beside = (of: readonly Part[], left: number): boolean =>
    of.length > 0 && of.length <= BESIDE && !within.has(gapBehind(page, ofWords, left)) && said(of) < TELLS * of.length
  return [beside(ofWords.slice(0, first), first - 1) ? first : 0, beside(ofWords.slice(last), last - 1) ? last : ofWords.length]
}

/** What words say that are left out, everyday words nearly nothing. */
const said = (of: readonly Part[]): number => total(of.map((part) => Math.max(0.1, part.weight)))

/**
 * The whole phrase with a right checksum among the words. By chance a part of it is right too: what is left over is to say
 * little, everyday words nearly nothing.
 */
function rightIn(ofWords: readonly Part[], list: WordList): [number, number] | null {
  let best: [number, number] | null = null
  let least = Infinity
  for (const [low, high] of validWindows(ofWords.map((part) => part.word), list)) {
    if (ofWords.length - (high - low) > 2 * BESIDE || ofWords.slice(low, high).some((part) => part.soft)) continue
    const left = said([...ofWords.slice(0, low), ...ofWords.slice(high)])
    if (left < least) [best, least] = [[low, high], left]
  }
  return best
}

function judged(page: Page, all: readonly Part[], core: readonly [number, number], mixed: ReadonlySet<number>): Weighed[] {
  const { lower, list } = page
  let [first, last] = core
  const slack = (at: number): boolean => !stands(all[at] as Part)
  // Talk beside it is full of what may be misspelt words.
  while (first < last && slack(first) && slack(first + 1)) first++
  while (first < last && slack(last) && slack(last - 1)) last--
  const heart = all.slice(first, last + 1)
  let weight = weightOf(heart)
  const others = count(heart, (part) => !part.word && part.weight < SAID)
  ;[first, last] = onceMore(all, ...withSlips(page, all, ...prolonged(all, first, last, list)))
  const parts = all.slice(first, last + 1)
  if (count(parts, stands) < EXACT - 2) return []
  let ofWords = parts.filter((part) => part.word)
  const different = new Set(ofWords.map((part) => part.word)).size
  const soft = count(parts, (part) => part.soft)
  const right = rightIn(ofWords, list)
  if (right) {
    weight += RIGHT
    ofWords = ofWords.slice(...trimmed(page, ofWords, right))
  }
  const words = ofWords.map((part) => part.word)
  const { start } = tokenOf(page, ofWords[0] as Part)
  const { end } = tokenOf(page, ofWords.at(-1) as Part)
  const messages = new Set(parts.map((part) => messageOf(page, part)))
  const chat = messages.size > 2
  const pure = words.length === parts.length
  // Its beginning may stand behind talk, in a message that nobody held.
  const alone = chat && pure && ![...messages].some((message) => mixed.has(message))
  const gaps = words.length > different || words.length + others >= 12 || has(MISSING, lower, start, end)
  // In two steps, as the server adds.
  weight += PURE * Number(pure) + EVEN * Number(areEven(page, ofWords))
  weight += NUMBERED * Number(areNumbered(lower, page.tokens, ofWords))
  const few = weight >= HEAVY ? FEW : weight >= HEAVY_NEARLY ? NEARLY : LEAST
  // Beside another message, in which the others may stand among talk.
  const apart = pure && messages.size > 1 && weight >= HEAVY_APART && areMore(page)
  const shares = new Set(countsOf(ofWords.map((part) => messageOf(page, part))).values())
  const whole = shares.size === 1 && !shares.has(1) && isAll(all, first, last)
  weight += WHOLE * Number(pure && whole && list.sizes.includes(ofWords.length))
  const least = alone || apart ? ALONE : pure || gaps ? Math.min(few, gaps ? WITH_GAPS : LEAST) : LEAST
  if (!right && (different < least || words.length - soft < EXACT || soft > 0.34 * words.length)) return []
  // The same message over and over.
  if (chat && 2 * different < words.length) return []
  const enough = !chat ? ENOUGH : right ? ENOUGH_RIGHT : Math.max(ENOUGH_IN_CHAT, EACH * words.length)
  const most = isChinese(list) ? 1 : 1 + words.length / 8 + Number(weight >= MUCH)
  if (weight < enough || others > most + (right ? STRAYS : 0)) return []
  const written = parts.map((part) => tokenOf(page, part).word)
  if (isExcerpt(ofWords.filter((part) => !part.soft).map((part) => part.word), list) || isAlphabetical(written)) return []
  if (!right && (isCategory(words) || isCategory(written) || isCrossword(lower.slice(Math.max(0, start - 20), end + 5)))) return []
  const doubtful = (weight < SURE && !pure) || (words.length + others < LEAST && !alone && !apart && !gaps)
  const certainty: Certainty = right ? 'certain' : doubtful ? 'ambiguous' : 'high'
  const size = right ? right[1] - right[0] : sizeOf(different, list)
  return [{ phrase: { start, end, words: size, certainty }, tokens: ofWords.map((part) => tokenOf(page, part)), weight }]
}

/** Whether there are more than two messages. */
const areMore = ({ tokens, begins }: Page): boolean => new Set(tokens.map(({ start }) => upTo(begins, start))).size > 2

/** Whether nothing but talk about them stands beside the words. */
const isAll = (parts: readonly Part[], first: number, last: number): boolean =>
  !counted(parts.slice(0, first)) && !counted(parts.slice(last + 1))
