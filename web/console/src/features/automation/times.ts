/** Moments in a field of the browser, which knows local time alone; and in the customer's zone. */

import { useI18n } from 'vue-i18n'

const two = (n: number) => String(n).padStart(2, '0')

/** As `<input type="datetime-local">` wants it. */
export function local(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}
export const iso = (value: string): string => new Date(value).toISOString()

/** Tomorrow at nine, or the next full hour when that is what is near. */
export function soon(hours: number): string {
  const at = new Date(Date.now() + hours * 3_600_000)
  at.setMinutes(0, 0, 0)
  return local(new Date(at.getTime() + 3_600_000))
}

export function useZones() {
  const { locale } = useI18n()
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  /** The moment on the customer's clock; null when their zone is not known, or the same. */
  function there(value: string, zone: string | null): string | null {
    if (!value || !zone || zone === here) return null
    try {
      return new Intl.DateTimeFormat(locale.value === 'en' ? 'en-GB' : 'zh-CN', { timeZone: zone, dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' }).format(new Date(value))
    } catch {
      // The app said something that is no zone.
      return null
    }
  }
  return { here, there }
}
