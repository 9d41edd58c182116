/** Catalogues lie beside their code, in `<area>/locales/<language>.json`; the area is the first part of each key. */

import { createI18n } from 'vue-i18n'

export const LANGUAGES = ['en', 'zh-Hans'] as const
export type Language = (typeof LANGUAGES)[number]
interface Catalogue {
  [key: string]: string | Catalogue
}

const STORED = 'hf-language'
const files = import.meta.glob<Catalogue>('./**/locales/*.json', { eager: true, import: 'default' })
const messages: Record<Language, Catalogue> = { en: {}, 'zh-Hans': {} }
for (const [path, catalogue] of Object.entries(files)) {
  const [, area = '', language = ''] = /([a-z]+)\/locales\/([\w-]+)\.json$/.exec(path) ?? []
  messages[language as Language][area] = catalogue
}

export function asLanguage(tag: string | null | undefined): Language | null {
  if (!tag) return null
  return tag.toLowerCase().startsWith('zh') ? 'zh-Hans' : tag.toLowerCase().startsWith('en') ? 'en' : null
}

const first = asLanguage(localStorage.getItem(STORED)) ?? asLanguage(navigator.language) ?? 'en'

export const i18n = createI18n<false>({ legacy: false, locale: first, fallbackLocale: 'en', messages, missingWarn: false, fallbackWarn: false })

export function setLanguage(language: Language): void {
  i18n.global.locale.value = language
  document.documentElement.lang = language
  localStorage.setItem(STORED, language)
}

/** True until somebody chose a language on this computer: then the account's choice decides. */
export const languageUnchosen = (): boolean => localStorage.getItem(STORED) === null

setLanguageOfPage(first)
function setLanguageOfPage(language: Language): void {
  document.documentElement.lang = language
}
