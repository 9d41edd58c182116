/** Purposes, reasons and warnings in the reader's words; what this console does not know yet stays as it is. */

import { useI18n } from 'vue-i18n'

export function useProofWords() {
  const { t, te, locale } = useI18n()
  const known = (area: string, name: string): string => (te(`verification.${area}.${name}`, 'en') ? t(`verification.${area}.${name}`) : name.replaceAll('_', ' '))
  /** The operator's own purposes come with their name. */
  const purpose = (key: string, name = ''): string => name || known('purpose', key)
  const reason = (id: string): string => known('reason', id)
  const method = (name: string): string => known('method', name)
  function warning(line: string): string {
    const [name = '', address = ''] = line.split(':')
    return te(`verification.warning.${name}`, 'en') ? t(`verification.warning.${name}`, { address }) : line
  }
  const methods = (names: readonly string[]): string => names.map(method).join(locale.value === 'en' ? ', ' : '、')
  return { purpose, reason, method, methods, warning }
}
