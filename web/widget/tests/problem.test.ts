import { expect, test } from 'vitest'
import { LANGUAGES, loadWords } from '../src/i18n.ts'
import { problemText } from '../src/ui/problem.ts'

test('too many waiting files are named as such in every language', async () => {
  const texts = new Set<string>()
  for (const language of Object.keys(LANGUAGES)) {
    const words = await loadWords(language, [])
    const text = problemText(words, { id: 'too_many_files', status: 429 })
    // "That did not work. Try again." would send the customer in a circle
    expect(text, language).not.toBe(words.t('err_other'))
    texts.add(text)
  }
  expect(texts.size).toBe(Object.keys(LANGUAGES).length)
})
