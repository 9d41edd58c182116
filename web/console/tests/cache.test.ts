import { QueryClient } from '@tanstack/vue-query'
import { describe, expect, it } from 'vitest'
import { applyFrame, keys } from '@/live/cache'
import { row } from './samples'

describe('followed from now on', () => {
  it('asks again where the customer is, since what came before was told to nobody', () => {
    const client = new QueryClient()
    client.setQueryData(keys.ways('c1'), { here: false })
    client.setQueryData(keys.ways('c2'), { here: false })
    applyFrame(client, { t: 'opened', c: 'c1', seq: 3, row: row() })
    expect(client.getQueryState(keys.ways('c1'))?.isInvalidated).toBe(true)
    expect(client.getQueryState(keys.ways('c2'))?.isInvalidated).toBe(false)
  })
})
