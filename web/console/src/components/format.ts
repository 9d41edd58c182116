/** Times, days and language names in the reader's language. */

import { computed } from 'vue'
import { useI18n } from 'vue-i18n'

const cache = new Map<string, Intl.DateTimeFormat>()
function formatter(locale: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + name
  let held = cache.get(key)
  if (!held) cache.set(key, (held = new Intl.DateTimeFormat(locale, options)))
  return held
}

const dayOf = (at: Date) => at.toDateString()

export function useFormat() {
  const { locale, t } = useI18n()
  // English with a day before the month and a 24-hour clock: a promise must not depend on a.m. and p.m.
  const tag = computed(() => (locale.value === 'en' ? 'en-GB' : 'zh-CN'))
  const names = computed(() => new Intl.DisplayNames([tag.value], { type: 'language' }))

  const time = (iso: string) => formatter(tag.value, 't', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(iso))
  const date = (iso: string) => formatter(tag.value, 'd', { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(iso))
  function day(iso: string): string {
    const at = new Date(iso)
    const today = new Date()
    if (dayOf(at) === dayOf(today)) return t('components.today')
    today.setDate(today.getDate() - 1)
    if (dayOf(at) === dayOf(today)) return t('components.yesterday')
    return formatter(tag.value, 'w', { weekday: 'long', day: 'numeric', month: 'long' }).format(at)
  }
  /** The clock time today, else the date with it. */
  const moment = (iso: string) => (dayOf(new Date(iso)) === dayOf(new Date()) ? time(iso) : `${date(iso)} ${time(iso)}`)
  /** The clock time to the second today, else the date with it. */
  function instant(iso: string): string {
    const at = new Date(iso)
    const clock = formatter(tag.value, 's', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(at)
    return dayOf(at) === dayOf(new Date()) ? clock : `${date(iso)} ${clock}`
  }
  const dateTime = (iso: string) => `${date(iso)} ${time(iso)}`
  function size(bytes: number): string {
    if (bytes < 1024) return t('components.bytes', { n: bytes })
    return bytes < 1024 * 1024 ? t('components.kilobytes', { n: Math.round(bytes / 1024) }) : t('components.megabytes', { n: (bytes / 1024 / 1024).toFixed(1) })
  }
  function language(code: string): string {
    try {
      return names.value.of(code) ?? code
    } catch {
      return code
    }
  }
  /** How long in words, for screen readers and sentences; whole minutes. */
  function span(seconds: number): string {
    const minutes = Math.round(Math.abs(seconds) / 60)
    const hours = Math.floor(minutes / 60)
    if (hours >= 48) return t('components.days', { n: Math.round(hours / 24) })
    return hours ? t('components.hoursMinutes', { h: hours, m: minutes % 60 }) : t('components.minutes', { n: minutes })
  }
  const percent = (share: number) => new Intl.NumberFormat(tag.value, { style: 'percent', maximumFractionDigits: 1 }).format(share)
  /** Of a day of it, which is a date without a zone. */
  const monthOf = (day: string) => formatter(tag.value, 'm', { month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(day))
  return { time, percent, monthOf, date, day, moment, instant, dateTime, size, language, span }
}

/** `2:41`, `−1:12`, `1:02:03`; seconds in. */
export function mmss(seconds: number): string {
  const all = Math.abs(Math.trunc(seconds))
  const hours = Math.floor(all / 3600)
  const minutes = Math.floor(all / 60) % 60
  const rest = String(all % 60).padStart(2, '0')
  return (seconds < 0 ? '−' : '') + (hours ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`)
}

/** Right-to-left scripts among the languages served. */
export const isRtl = (language: string): boolean => /^(ar|fa|ur|he)\b/.test(language)

/** The two or three letters shown in a language tag. */
export const shortLanguage = (language: string): string => language.split('-')[0] ?? language

/** A name without one is an anonymous visitor; its first letter stands in the avatar. */
export function initials(name: string): string {
  const parts = name.split(/\s+/).filter(Boolean)
  const first = [...(parts[0] ?? '')][0] ?? ''
  const second = [...(parts[1] ?? '')][0] ?? ''
  // One Han, Kana or Hangul sign says as much as two letters.
  return /\p{Script=Latin}/u.test(first) ? (first + second).toUpperCase() : first
}
