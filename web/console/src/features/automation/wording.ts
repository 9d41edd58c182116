/** Rules, conditions, reasons and what was done, in words. */

import { useI18n } from 'vue-i18n'
import { useFormat } from '@/components/format'
import { useQueues, useTopics } from '@/features/conversations/queries'
import type { Action, Asks, Check, Rule } from './api'

/** A line of the server's reasons: a condition with what was seen, or a group of them. */
export interface Why {
  true: boolean
  mode?: string
  of?: Why[]
  asks?: string
  op?: string
  values?: string[]
  seen?: unknown
}
export interface Done { does: string; value: string; result?: string; by?: string | null }

export function useRuleWords() {
  const { t, te } = useI18n()
  const { language, span } = useFormat()
  const queues = useQueues()
  const topics = useTopics()

  const named = (key: string, value: string) => (te(`${key}.${value}`, 'en') ? t(`${key}.${value}`) : value)
  /** A key as people call it. */
  function value(asks: string, key: string): string {
    if (asks === 'queue') return queues.data.value?.find((queue) => queue.key === key)?.name ?? key
    if (asks === 'topic') return topics.data.value?.find((topic) => topic.key === key)?.name ?? key
    if (asks === 'language') return language(key)
    return named(`automation.value.${asks}`, key)
  }
  // Words and tags are held, not equal.
  const operator = (asks: string, op: string) => named(asks === 'words' || asks === 'tags' ? 'automation.holds' : 'automation.op', op)
  const condition = (test: { asks: string; op: string; values: string[] }) =>
    t('automation.condition', { asks: t(`automation.asks.${test.asks}`), op: operator(test.asks, test.op), values: test.values.map((one) => value(test.asks, one)).join(', ') })
  function seen(line: Why): string {
    const asks = line.asks ?? ''
    if (Array.isArray(line.seen)) return line.seen.length ? line.seen.map((one) => value(asks, String(one))).join(', ') : t('automation.seenNone')
    if (typeof line.seen === 'boolean') return t(line.seen ? 'automation.seenWords' : 'automation.seenNone')
    return line.seen === null || line.seen === undefined ? t('automation.seenNone') : value(asks, String(line.seen as string | number))
  }
  function when(rule: Pick<Rule, 'when'>): string {
    const event = t(`automation.event.${rule.when.event}`)
    if (!rule.when.after_seconds) return event
    const unless = (rule.when.unless ?? []).map((one) => t(`automation.event.${one}`)).join(', ')
    return t(unless ? 'automation.afterUnless' : 'automation.after', { event, span: span(rule.when.after_seconds), unless })
  }
  function action(one: { does: string; value?: string }): string {
    const what = one.does === 'page' ? 'duty' : one.does
    return one.value ? t('automation.actionOf', { does: t(`automation.does.${one.does}`), value: value(what, one.value) }) : t(`automation.does.${one.does}`)
  }
  const result = (one: Done) => (one.by ? t('automation.refusedBy', { why: refusal(one.by) }) : named('automation.result', one.result ?? 'would'))
  const refusal = (id: string) => (te(`automation.refusal.${id}`, 'en') ? t(`automation.refusal.${id}`) : named('api', id))
  return { value, operator, condition, seen, when, action, result, refusal, queues, topics }
}

export const isNumber = (asks: Asks) => ['priority', 'messages', 'fired'].includes(asks)
export const emptyCheck = (): Check => ({ asks: 'queue', op: 'in', values: [] })
export const emptyAction = (): Action => ({ does: 'note', value: '', texts: { '': '' } })
