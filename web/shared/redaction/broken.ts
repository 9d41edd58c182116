/** What is broken over several lines, or in parts with blanks between: the rows of which a private key may be made. */

import { count, has, matches, number, pattern, wholePattern } from './rules'

const TELLING = pattern('broken.TELLING')
const ROW = pattern('broken.ROW')
const GAP = wholePattern('broken.GAP')
const HEX = wholePattern('broken.HEX')
const MOST_ROWS = number('broken.MOST_ROWS')
const FEWEST = number('broken.FEWEST')
const MOST = number('broken.MOST')
const DIGITS = number('broken.DIGITS')

export interface Rows {
  whole: string
  start: number
  end: number
  /** Whether they look like those of a dump: hex digits that blanks part, or that have further ones beside them. */
  dump: boolean
}

export const mayBeBroken = (text: string): boolean => has(TELLING, text)

/** Rows that follow each other, as one; the longest first of those that begin at one place. Linear. */
export function* brokenRows(text: string): Generator<Rows> {
  const rows = [...matches(ROW, text)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
    hex: HEX.test(match[0]),
  }))
  const near = rows.map((row, at) => at + 1 < rows.length && GAP.test(text.slice(row.end, rows[at + 1]?.start)))
  for (const [first, row] of rows.entries()) {
    let last = first
    while (near[last] && last - first + 1 < MOST_ROWS) last++
    for (let place = last; place > first; place--) {
      const those = rows.slice(first, place + 1)
      const whole = those.map((each) => each.text).join('')
      const end = rows[place]?.end ?? 0
      if (whole.length < FEWEST || whole.length > MOST || count(whole, (char) => char >= '0' && char <= '9') < DIGITS) continue
      const beside = (first > 0 && near[first - 1] && rows[first - 1]?.hex) || (near[place] && rows[place + 1]?.hex)
      const lines = text.slice(row.start, end).split('\n').length - 1 === place - first
      yield { whole, start: row.start, end, dump: those.every((each) => each.hex) && Boolean(beside || !lines) }
    }
  }
}
