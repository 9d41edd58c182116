/** What is found. The browser looks for what stops a message; personal numbers are the server's business. */

export type Kind = 'recovery_phrase' | 'private_key' | 'one_time_code' | 'password' | 'card_number'
export type Certainty = 'certain' | 'high' | 'ambiguous'

/** Something at `text.slice(start, end)` of the text that was given (UTF-16). `words` is 0 for all but phrases. */
export interface Finding {
  kind: Kind
  start: number
  end: number
  certainty: Certainty
  words: number
}

/** The most telling first. */
export const SECRET: readonly Kind[] = ['recovery_phrase', 'private_key', 'one_time_code', 'password', 'card_number']
export const RANK: Record<Certainty, number> = { ambiguous: 0, high: 1, certain: 2 }
