/** System lines and routing reasons in the reader's language, from what the server says happened. */

import { useI18n } from 'vue-i18n'
import { mmss, useFormat } from '@/components/format'
import { useProofWords } from '@/features/verification/wording'
import type { Entry, Reason } from '@shared/protocol'

const asText = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

/** Parameters as words: languages by name, times as clock times, the rest as it is. */
function useParams() {
  const { t, te } = useI18n()
  const { language, moment, span } = useFormat()
  // Names that the server gives as keys; one that this console does not know stays as it is.
  const catalogues: Record<string, string> = { skill: 'people.skill', ref: 'people.skill', role: 'people.role', kind: 'people.evidence', promise: 'promises.kind' }
  const named = (name: string, value: string) => (te(`${catalogues[name]}.${value}`, 'en') ? t(`${catalogues[name]}.${value}`) : value)
  const proof = useProofWords()
  return (params: Record<string, unknown>): Record<string, string> => {
    const words: Record<string, string> = {}
    for (const [name, value] of Object.entries(params)) {
      if (name === 'language') words[name] = language(asText(value))
      else if (name === 'purpose' && typeof value === 'string') words[name] = proof.purpose(value, asText(params['words']))
      else if (name === 'reason' && typeof value === 'string') words[name] = proof.reason(value)
      else if (catalogues[name] && typeof value === 'string') words[name] = named(name, value)
      else if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) words[name] = moment(value)
      else if (name === 'seconds' && typeof value === 'number') words[name] = value < 3600 ? mmss(value) : span(value)
      else if (Array.isArray(value)) words[name] = value.map(asText).join(', ')
      else words[name] = asText(value)
    }
    return words
  }
}

export function useReasons() {
  const { t, te } = useI18n()
  const params = useParams()
  function reason(line: Reason): string {
    const key = `conversations.reason.${line.id}`
    const words = params(line.params ?? {})
    const finer = `${key}_${asText(line.params?.['why'])}`
    if (te(finer, 'en')) return t(finer, words)
    if (te(key, 'en')) return t(key, words)
    // A reason newer than this console: better its id than nothing.
    return [line.id.replaceAll('_', ' '), ...Object.values(words)].join(' · ')
  }
  return { reason }
}

export function useEvents() {
  const { t, te } = useI18n()
  const params = useParams()
  function line(entry: Entry, me: string): string {
    const event = entry.ev ?? { type: 'unknown' }
    const mine = entry.by?.id === me
    const name = mine ? t('conversations.you') : (entry.by?.name ?? asText(event['name']))
    const words = { ...params(event), name }
    // The finer wording first: how it came to be, then what happened.
    const finer = asText(event['how'] ?? event['why'] ?? event['where'] ?? event['solved'] ?? (event['queue'] ? 'queue' : event['key'] === '' ? 'no_key' : ''))
    const keys = [`${event.type}_${finer}`, event.type].flatMap((key) => (mine ? [`${key}_me`, key] : [key]))
    const nobody = entry.from !== 'agent' && !name ? keys.map((key) => `${key}_nobody`) : []
    for (const key of [...nobody, ...keys]) if (te(`conversations.event.${key}`, 'en')) return t(`conversations.event.${key}`, words)
    return t('conversations.event.unknown', { type: event.type })
  }
  return { line }
}
