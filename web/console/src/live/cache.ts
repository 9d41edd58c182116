/** Where the query cache holds what the socket changes, and which frame changes what. */

import type { InfiniteData, QueryClient } from '@tanstack/vue-query'
import type { ConversationDetail, RowPage } from '@/api/types'
import type { Entry, Me, Row, ServerFrame } from '@shared/protocol'
import {
  hideRedacted, mergeAcked, mergeEntry, mergeFile, mergeGone, mergeOffer, mergeOfferEnd, mergeRead, mergeRow, newest, snapshot,
  type Inbox, type Timeline,
} from './merge'
import type { Unsent } from './outbox'

export const keys = {
  me: ['me'] as const,
  inbox: ['inbox'] as const,
  lists: ['conversations'] as const,
  list: (view: string, filter: Record<string, string | undefined>) => ['conversations', view, filter] as const,
  detail: (id: string) => ['conversation', id] as const,
  timeline: (id: string) => ['timeline', id] as const,
  verification: (id: string) => ['verification', id] as const,
  later: (id: string) => ['later', id] as const,
  ways: (id: string) => ['ways', id] as const,
  phone: ['phone'] as const,
}

function changeInbox(client: QueryClient, change: (inbox: Inbox) => Inbox): void {
  client.setQueryData<Inbox>(keys.inbox, (inbox) => inbox && change(inbox))
}

/** A row is held in the inbox, in lists that were fetched, and on the page of its conversation. */
function changeRow(client: QueryClient, id: string, change: (row: Row) => Row): void {
  client.setQueryData<ConversationDetail>(keys.detail(id), (detail) => detail && { ...detail, row: change(detail.row) })
  client.setQueriesData<InfiniteData<RowPage>>({ queryKey: keys.lists }, (data) => {
    if (!data?.pages.some((page) => page.rows.some((row) => row.id === id))) return data
    const pages = data.pages.map((page) => ({ ...page, rows: page.rows.map((row) => (row.id === id ? change(row) : row)) }))
    return { ...data, pages }
  })
}

export function applyRow(client: QueryClient, row: Row): void {
  changeInbox(client, (inbox) => mergeRow(inbox, row, Date.now()))
  changeRow(client, row.id, (held) => newest(held, row))
}

export function applyEntry(client: QueryClient, conversation: string, entry: Entry): void {
  client.setQueryData<Timeline>(keys.timeline(conversation), (held) => held && hideRedacted(mergeEntry(held, entry)))
}

/** Our own message has a place in the timeline now, before its echo arrives. */
export function applyAck(client: QueryClient, me: Me, item: Unsent, seq: number, at: string): void {
  const entry: Entry = {
    seq, at, kind: item.kind, from: 'agent', by: { id: me.id, name: me.name, erased: false }, b: item.b, k: item.k, lang: null, att: item.att, ev: null,
  }
  const queryKey = keys.timeline(item.c)
  client.setQueryData<Timeline>(queryKey, (held) => held && mergeAcked(held, entry))
  // What is still on its way was perhaps read before this entry was stored.
  if (!client.getQueryData(queryKey)) void client.invalidateQueries({ queryKey })
}

/** Frames that change stored things. What is only live (typing, looking, presence) is not here. */
export function applyFrame(client: QueryClient, frame: ServerFrame): void {
  const at = Date.now()
  switch (frame.t) {
    case 'ready':
      client.setQueryData(keys.me, frame.me)
      void client.invalidateQueries({ queryKey: keys.phone })
      break
    case 'phone':
      void client.invalidateQueries({ queryKey: keys.phone })
      break
    case 'inbox': {
      const again = client.getQueryData(keys.inbox) !== undefined
      client.setQueryData<Inbox>(keys.inbox, snapshot(frame.rows, frame.counters, frame.offers, at))
      for (const row of frame.rows) changeRow(client, row.id, (held) => newest(held, row))
      // What changed while the line was down and is not in the inbox must be asked for.
      if (again) for (const queryKey of [keys.lists, ['conversation']]) void client.invalidateQueries({ queryKey })
      // A timeline that could not be fetched while the line was down must not wait for a click.
      void client.invalidateQueries({ queryKey: ['timeline'], predicate: (query) => query.state.status === 'error' })
      break
    }
    case 'row':
      applyRow(client, frame.row)
      break
    case 'opened': {
      const { row } = frame
      if (row) changeRow(client, row.id, (held) => newest(held, row))
      // Told from here on: what came between the fetch and this, or while the line was down, was told to nobody.
      void client.invalidateQueries({ queryKey: keys.ways(frame.c) })
      break
    }
    case 'gone':
      changeInbox(client, (inbox) => mergeGone(inbox, frame.c, at))
      // Gone from the inbox; whether it may still be seen, the server says.
      void client.invalidateQueries({ queryKey: keys.detail(frame.c) })
      break
    case 'reopen':
      // What may be seen has changed, and the server has closed it: what was read in clear must not stay in memory. A
      // page that shows it fetches it again, and then follows it again.
      void client.resetQueries({ queryKey: keys.timeline(frame.c) })
      void client.resetQueries({ queryKey: keys.detail(frame.c) })
      break
    case 'counters':
      changeInbox(client, (inbox) => ({ ...inbox, counters: frame.counters, at }))
      break
    case 'offer':
      changeInbox(client, (inbox) => mergeOffer(inbox, frame.offer, at))
      if (frame.offer.conversation.channel === 'voice') void client.invalidateQueries({ queryKey: keys.phone })
      break
    case 'offer_end':
      changeInbox(client, (inbox) => mergeOfferEnd(inbox, frame.id, at))
      void client.invalidateQueries({ queryKey: keys.phone })
      break
    case 'here':
      void client.invalidateQueries({ queryKey: keys.ways(frame.c) })
      break
    case 'msg':
      applyEntry(client, frame.c, frame.e)
      void client.invalidateQueries({ queryKey: keys.ways(frame.c) })
      // The panel says what was found, and which address is new.
      if (/^(redacted|mail_on)$/.test(String(frame.e.ev?.type ?? ''))) void client.invalidateQueries({ queryKey: keys.detail(frame.c) })
      // A scheduled message went out or was stopped, a follow-up came: the strip says what is left.
      if (/^(scheduled_|follow_up|resolved)/.test(String(frame.e.ev?.['type'] ?? '')) || (frame.e.kind === 'public' && frame.e.from === 'agent')) void client.invalidateQueries({ queryKey: keys.later(frame.c) })
      // Asked, shown or refused, or the wallet may be in other hands: what counts is the server's to say.
      if (/^(proof_|emergency|redacted)/.test(String(frame.e.ev?.['type'] ?? '')) || frame.e.red?.length) void client.invalidateQueries({ queryKey: keys.verification(frame.c) })
      break
    case 'att':
      client.setQueryData<Timeline>(keys.timeline(frame.c), (held) => held && mergeFile(held, frame.seq, frame.att))
      break
    case 'read':
      changeInbox(client, (inbox) => {
        const row = inbox.rows[frame.c]
        return row ? { ...inbox, rows: { ...inbox.rows, [frame.c]: mergeRead(row, frame.by, frame.seq) } } : inbox
      })
      changeRow(client, frame.c, (row) => mergeRead(row, frame.by, frame.seq))
      break
    case 'pong':
      changeInbox(client, (inbox) => ({ ...inbox, at }))
  }
}
