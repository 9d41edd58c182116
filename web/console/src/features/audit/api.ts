import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { body, rest } from '@/api/client'

const alarms = { queryKey: ['alarms'], queryFn: () => body(rest.GET('/api/alarms')), staleTime: 30_000 }

export const useAlarms = () => useQuery(alarms)
/** How many nobody has looked into yet. */
export function useOpenAlarms(enabled: MaybeRefOrGetter<boolean>) {
  const { data } = useQuery({ ...alarms, enabled: () => toValue(enabled), refetchInterval: 60_000 })
  return computed(() => data.value?.filter((alarm) => !alarm.seen_at).length ?? 0)
}
export function useSeeAlarm() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (alarm_id: string) => body(rest.POST('/api/alarms/{alarm_id}/seen', { params: { path: { alarm_id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['alarms'] }),
  })
}

export const useSeals = () => useQuery({ queryKey: ['seals'], queryFn: () => body(rest.GET('/api/audit/seals')), staleTime: 0, refetchInterval: 10_000 })
export const verifyNow = () => body(rest.POST('/api/audit/verification'))
export const usePurposes = () => useQuery({ queryKey: ['purposes'], queryFn: () => body(rest.GET('/api/purposes')), staleTime: 10 * 60_000 })
