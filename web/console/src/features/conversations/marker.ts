/** What stands in a text where something was hidden, worded in the reader's language. */

import { useI18n } from 'vue-i18n'

const MARKER = /\[⛔ ([a-z_]+)(\?)?(?:·\d{1,3})?\]/g

export interface Piece {
  text: string
  /** what was hidden here, or null for plain words */
  hidden: string | null
}

export function useMarkers() {
  const { t, te } = useI18n()
  const name = (kind: string, doubt: boolean): string => {
    const known = te(`conversations.hidden.${kind}`, 'en') ? t(`conversations.hidden.${kind}`) : t('conversations.hidden.other')
    return doubt ? t('conversations.hiddenPerhaps', { what: known }) : known
  }
  function pieces(text: string): Piece[] {
    const found: Piece[] = []
    let end = 0
    for (const match of text.matchAll(MARKER)) {
      if (match.index > end) found.push({ text: text.slice(end, match.index), hidden: null })
      found.push({ text: name(match[1] ?? '', match[2] === '?'), hidden: match[1] ?? '' })
      end = match.index + match[0].length
    }
    if (end < text.length) found.push({ text: text.slice(end), hidden: null })
    return found
  }
  /** One line without boxes, for lists. */
  const plain = (text: string): string => pieces(text).map((piece) => (piece.hidden ? `⛔ ${piece.text}` : piece.text)).join('')
  return { pieces, plain }
}
