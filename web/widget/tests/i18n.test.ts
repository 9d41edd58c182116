import { expect, test } from 'vitest'
import { chooseLanguage, LANGUAGES, loadWords, matchLanguage } from '../src/i18n.ts'

test.each([
  ['zh-TW', 'zh-Hant'], ['zh-Hant-HK', 'zh-Hant'], ['zh', 'zh-Hans'], ['zh-SG', 'zh-Hans'], ['zh_CN', 'zh-Hans'],
  ['pt-BR', 'pt'], ['in-ID', 'id'], ['EN-us', 'en'], ['xx', null], ['', null],
])('%s is %s', (tag, ours) => expect(matchLanguage(tag)).toBe(ours))

test('the first known wish wins, English is the last', () => {
  expect(chooseLanguage([null, 'xx', 'ja-JP', 'de'])).toBe('ja')
  expect(chooseLanguage(['xx'])).toBe('en')
})

test('plurals follow the language', async () => {
  const russian = await loadWords('ru', [])
  expect([1, 3, 5, 21].map((count) => russian.t('unread', { count }))).toEqual([
    '1 новое сообщение', '3 новых сообщения', '5 новых сообщений', '21 новое сообщение',
  ])
  const arabic = await loadWords('ar', [])
  expect(arabic.t('unread', { count: 2 })).toBe('رسالتان جديدتان')
  expect(arabic.t('unread', { count: 11 })).toBe('11 رسالة جديدة')
})

test('a clock time today, a weekday beside it on another day', async () => {
  const words = await loadWords('en', ['en-GB'])
  const now = new Date(2026, 10, 24, 12, 0)
  expect(words.when(new Date(2026, 10, 24, 14, 5).toISOString(), now)).toBe('14:05')
  expect(words.when(new Date(2026, 10, 25, 9, 0).toISOString(), now)).toMatch(/Wed.*09:00/)
  expect(words.day(new Date(2026, 10, 23, 9, 0).toISOString(), now)).toBe('Yesterday')
})

test('Arabic keeps Latin digits and the Gregorian year, as amounts and addresses do', async () => {
  const words = await loadWords('ar', ['ar-SA'])
  expect(words.when(new Date(2026, 10, 24, 14, 5).toISOString(), new Date(2026, 10, 24))).toMatch(/[0-9]/)
  expect(words.locale).toContain('nu-latn')
})

test('every language of the picker loads', async () => {
  for (const language of Object.keys(LANGUAGES)) expect((await loadWords(language, [])).t('close')).not.toBe('')
})
