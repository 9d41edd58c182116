import { expect, test } from 'vitest'
import { LANGUAGES, loadWords } from '../src/i18n.ts'
import { updateText } from '../src/protocol.ts'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const due = '2026-11-24T14:05:00Z'

test('by when we write again is said while it is promised, also when it is late, and not of a resolved matter', () => {
  for (const category of ['open', 'waiting'] as const) {
    expect(updateText({ category, update: { due } }, NOW)).toEqual({ key: 'update', due })
    expect(updateText({ category, update: { due } }, NOW + 3 * 3_600_000)).toEqual({ key: 'update_late', due })
    for (const nothing of [{ category, update: null }, { category }]) expect(updateText(nothing, NOW)).toBeNull()
  }
  expect(updateText({ category: 'resolved', update: { due } }, NOW)).toBeNull()
})

test('in every language with the time', async () => {
  for (const language of Object.keys(LANGUAGES)) {
    const words = await loadWords(language, [])
    const [again, late] = (['update', 'update_late'] as const).map((key) => words.t(key, { time: '14:05' }))
    expect(again, language).toContain('14:05')
    expect(late, language).toContain('14:05')
    expect(late, language).not.toBe(again)
  }
})
