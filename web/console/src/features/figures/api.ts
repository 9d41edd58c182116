import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'
import type { components } from '@shared/api/schema'

type Schemas = components['schemas']
export type Figures = Schemas['FiguresView']
export type Waits = Schemas['WaitsView']

export interface Asked {
  since: string
  until: string
  line?: string
  language?: string
}

/** Where this browser is: hours and days are those of the clock on its wall. */
export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
/** A date as that clock has it, so many days ago. */
export function dayAgo(days: number): string {
  const at = new Date()
  at.setDate(at.getDate() - days)
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-')
}

export const useFigures = (asked: MaybeRefOrGetter<Asked>) =>
  useQuery({
    queryKey: computed(() => ['figures', toValue(asked)]),
    queryFn: () => body(rest.GET('/api/phone/figures', { params: { query: { zone: zone(), ...toValue(asked) } } })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
export const useLines = () => useQuery({ queryKey: ['lines'], queryFn: () => body(rest.GET('/api/lines')) })

/** Of an hour (null: all) in a language (null: all); nothing if no call was offered then. */
export const of = (figures: Figures, hour: number | null, language: string | null): Waits | undefined =>
  figures.waits.find((one) => one.hour === hour && one.language === language)
