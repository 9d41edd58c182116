import type { ComponentChild } from 'preact'
import en from './locales/en.json'

export type Key = keyof typeof en
type Text = string | Record<string, string>
type Catalogue = Record<Key, Text>
export type Params = Record<string, string | number>

/** Own names, in the order of the picker. */
export const LANGUAGES: Record<string, string> = {
  en: 'English', 'zh-Hans': '简体中文', 'zh-Hant': '繁體中文', ja: '日本語', ko: '한국어', vi: 'Tiếng Việt',
  id: 'Bahasa Indonesia', th: 'ไทย', ru: 'Русский', es: 'Español', pt: 'Português', tr: 'Türkçe',
  fr: 'Français', de: 'Deutsch', ar: 'العربية',
}

const loaders: Record<string, () => Promise<{ default: Catalogue }>> = {
  'zh-Hans': () => import('./locales/zh-Hans.json'),
  'zh-Hant': () => import('./locales/zh-Hant.json'),
  ja: () => import('./locales/ja.json'),
  ko: () => import('./locales/ko.json'),
  vi: () => import('./locales/vi.json'),
  id: () => import('./locales/id.json'),
  th: () => import('./locales/th.json'),
  ru: () => import('./locales/ru.json'),
  es: () => import('./locales/es.json'),
  pt: () => import('./locales/pt.json'),
  tr: () => import('./locales/tr.json'),
  fr: () => import('./locales/fr.json'),
  de: () => import('./locales/de.json'),
  ar: () => import('./locales/ar.json'),
}

/** Our tag for a BCP 47 tag of the device or the host, or null. */
export function matchLanguage(tag: string | null | undefined): string | null {
  if (!tag) return null
  const parts = tag.replaceAll('_', '-').toLowerCase().split('-')
  const base = parts[0] ?? ''
  if (base === 'zh' || base === 'yue') {
    if (parts.includes('hant')) return 'zh-Hant'
    if (parts.includes('hans')) return 'zh-Hans'
    return base === 'yue' || parts.some((part) => ['tw', 'hk', 'mo'].includes(part)) ? 'zh-Hant' : 'zh-Hans'
  }
  const known = base === 'in' ? 'id' : base // Android still says "in" for Indonesian
  return known in LANGUAGES ? known : null
}

/** The first that we speak; English if none. */
export function chooseLanguage(wishes: readonly (string | null | undefined)[]): string {
  for (const wish of wishes) {
    const found = matchLanguage(wish)
    if (found) return found
  }
  return 'en'
}

/** Words and formats of one language. `K` are the keys it knows: those of the start bundle, or with a part loaded later. */
export class Words<K extends string = Key> {
  readonly rtl: boolean
  /** The device's region if it fits (24 or 12 hours), always Gregorian and Latin digits: the same as amounts and addresses. */
  readonly locale: string
  /** between two sentences; Chinese and Japanese have none */
  readonly space: string
  private readonly plurals: Intl.PluralRules
  private readonly number: Intl.NumberFormat
  private readonly time: Intl.DateTimeFormat
  private readonly date: Intl.DateTimeFormat
  private readonly near: Intl.RelativeTimeFormat

  constructor(
    readonly language: string,
    private readonly catalogue: Record<K, Text>,
    private readonly device: readonly string[],
  ) {
    const near = device.find((tag) => matchLanguage(tag) === language)
    this.locale = new Intl.Locale(near ?? language, { calendar: 'gregory', numberingSystem: 'latn' }).toString()
    this.rtl = language === 'ar'
    this.space = /^(zh|ja)/.test(language) ? '' : ' '
    this.plurals = new Intl.PluralRules(language)
    this.number = new Intl.NumberFormat(this.locale)
    this.date = new Intl.DateTimeFormat(this.locale, { weekday: 'long', day: 'numeric', month: 'long' })
    this.near = new Intl.RelativeTimeFormat(this.locale, { numeric: 'auto' })
    this.time = new Intl.DateTimeFormat(this.locale, { hour: '2-digit', minute: '2-digit' })
  }

  /** The same language with a part's own texts. */
  with<M extends string>(more: Record<M, Text>): Words<K | M> {
    return new Words<K | M>(this.language, { ...this.catalogue, ...more }, this.device)
  }

  /** The text, with `{name}` filled in; a plural form is chosen by `count`. */
  t(key: K, params: Params = {}): string {
    return this.template(key, params).replace(/\{(\w+)\}/g, (_, name: string) => this.shown(params[name]))
  }

  /** The same with elements in the places, for text that is partly bold. */
  rich(key: K, params: Record<string, ComponentChild>): ComponentChild[] {
    return this.template(key, {}).split(/\{(\w+)\}/).map((piece, i) => (i % 2 ? params[piece] : piece))
  }

  clock(iso: string): string {
    return this.time.format(new Date(iso))
  }

  /** "14:05" today, with the weekday or date otherwise. */
  when(iso: string, now: Date = new Date()): string {
    const date = new Date(iso)
    const away = days(now, date)
    if (away === 0) return this.clock(iso)
    const day: Intl.DateTimeFormatOptions = Math.abs(away) < 7 ? { weekday: 'short' } : { day: 'numeric', month: 'short' }
    return new Intl.DateTimeFormat(this.locale, { ...day, hour: '2-digit', minute: '2-digit' }).format(date)
  }

  /** For day separators: today, yesterday, then weekday and date. */
  day(iso: string, now: Date = new Date()): string {
    const date = new Date(iso)
    const away = days(now, date)
    const text = away === 0 || away === -1 ? this.near.format(away, 'day') : this.date.format(date)
    return text.charAt(0).toLocaleUpperCase(this.language) + text.slice(1)
  }

  languageName(tag: string): string {
    const own = matchLanguage(tag)
    return (own && LANGUAGES[own]) || tag
  }

  private template(key: K, params: Params): string {
    const value = this.catalogue[key] ?? (en as Record<string, Text>)[key] ?? ''
    if (typeof value === 'string') return value
    return value[this.plurals.select(Number(params.count))] ?? value.other ?? ''
  }

  private shown(value: string | number | undefined): string {
    return typeof value === 'number' ? this.number.format(value) : (value ?? '')
  }
}

export function english(device: readonly string[]): Words {
  return new Words('en', en, device)
}

/** Rejects when the chunk cannot be loaded (offline): the caller stays with the words it has. */
export async function loadWords(language: string, device: readonly string[]): Promise<Words> {
  const load = loaders[language]
  return load ? new Words(language, (await load()).default, device) : english(device)
}

/** Whole calendar days from a to b in the device's zone. */
function days(a: Date, b: Date): number {
  const day = (date: Date): number => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000
  return day(b) - day(a)
}
