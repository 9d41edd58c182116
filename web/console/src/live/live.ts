/** The live line of the signed-in agent: one socket and one outbox for the whole page. */

import { computed, reactive, shallowReactive, shallowRef } from 'vue'
import type { QueryClient } from '@tanstack/vue-query'
import type { Attachment, Board, Looker, Me, Person, Presence, ServerFrame } from '@shared/protocol'
import { applyAck, applyFrame } from './cache'
import { localNow } from './clock'
import { newKey } from './ids'
import { Outbox, type Unsent } from './outbox'
import { LiveSocket, type Link } from './socket'

interface Typing {
  who: Person & { role: 'customer' | 'agent' }
  until: number
}

const TYPING_LASTS = 6000
const ANSWER_WITHIN = 10_000
const TYPING_EVERY = 4000

const link = shallowRef<Link>({ state: 'connecting', since: Date.now(), next: null })
const presence = shallowRef<Presence | null>(null)
const typing = reactive(new Map<string, Typing[]>())
const looking = shallowReactive(new Map<string, Looker[]>())
const outbox = shallowRef<Outbox | null>(null)
const typed = new Map<string, number>()
const board = shallowRef<Board | null>(null)
const grantEnds = new Set<(grant: string) => void>()

/** The zone of the wall board that is watched. */
let watched: string | null = null
let socket: LiveSocket | null = null
let owner: { client: QueryClient; me: Me } | null = null

const onStorage = (event: StorageEvent) => {
  if (owner && event.key === boxKey(owner.me)) outbox.value?.read()
}
const boxKey = (me: Me) => `hf-outbox-${me.id}`

export function startLive(client: QueryClient, me: Me): void {
  if (owner?.me.id === me.id) return
  stopLive()
  owner = { client, me }
  outbox.value = new Outbox(boxKey(me))
  const url = new URL('/ws/console', location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  socket = new LiveSocket({ url: url.href, onFrame: receive, onLink: (state) => (link.value = state) })
  addEventListener('storage', onStorage)
  socket.start()
}

export function stopLive(): void {
  removeEventListener('storage', onStorage)
  socket?.stop()
  socket = owner = outbox.value = presence.value = null
  typing.clear()
  looking.clear()
  link.value = { state: 'connecting', since: Date.now(), next: null }
}

function receive(frame: ServerFrame): void {
  if (!owner) return
  applyFrame(owner.client, frame)
  switch (frame.t) {
    case 'ready':
      for (const item of outbox.value?.due() ?? []) transmit(item)
      if (watched) socket?.send({ t: 'watch', on: true, zone: watched })
      break
    case 'presence':
      presence.value = frame.presence
      break
    case 'board':
      board.value = frame.board
      break
    case 'msg':
      if (frame.e.k) outbox.value?.remove(frame.e.k)
      if (frame.e.by?.id) setTyping(frame.c, frame.e.by.id, null)
      if (frame.e.from === 'customer') typing.delete(frame.c)
      break
    case 'ack': {
      const item = outbox.value?.remove(frame.k)
      if (item) applyAck(owner.client, owner.me, item, frame.seq, frame.at)
      break
    }
    case 'nack':
      outbox.value?.failed(frame.k, frame.problem)
      break
    case 'typing':
      setTyping(frame.c, frame.who.id, frame.on ? { who: frame.who, until: Date.now() + TYPING_LASTS } : null)
      break
    case 'grant_end':
      for (const hear of grantEnds) hear(frame.id)
      break
    case 'looking':
      looking.set(frame.c, frame.agents.filter((agent) => agent.id !== owner?.me.id))
  }
}

function setTyping(conversation: string, who: string, to: Typing | null): void {
  const others = (typing.get(conversation) ?? []).filter((held) => held.who.id !== who)
  typing.set(conversation, to ? [...others, to] : others)
}

function transmit(item: Unsent): void {
  const sent = socket?.send({ t: 'send', c: item.c, k: item.k, b: item.b, kind: item.kind, att: item.att.map((file) => file.id) })
  if (!sent) return outbox.value?.waiting(item.k)
  outbox.value?.sending(item.k)
  const box = outbox.value
  setTimeout(() => box?.unanswered(item.k), ANSWER_WITHIN)
}

export function sendMessage(conversation: string, kind: 'public' | 'note', body: string, files: Attachment[]): void {
  const item = outbox.value?.add({ k: newKey(), c: conversation, kind, b: body, att: files, at: new Date().toISOString() })
  if (item) transmit(item)
  typed.delete(conversation)
}

/** Sends it again under the same key: should the first have arrived, nothing is doubled. */
export function sendAgain(k: string): void {
  const item = outbox.value?.find(k)
  if (item) transmit(item)
}

export const takeBack = (k: string): Unsent | undefined => outbox.value?.remove(k)

export function tellTyping(conversation: string, on: boolean): void {
  const last = typed.get(conversation) ?? 0
  if (on ? Date.now() - last < TYPING_EVERY : last === 0) return
  typed.set(conversation, on ? Date.now() : 0)
  socket?.send({ t: 'typing', c: conversation, on })
}

export const tellRead = (conversation: string, seq: number): boolean => socket?.send({ t: 'read', c: conversation, seq }) ?? false
export const follow = (conversation: string, since: () => number): void => socket?.open(conversation, since)
export const unfollow = (conversation: string): void => socket?.shut(conversation)
/** The wall board is live from now on, also over a lost line. */
export function watchBoard(zone: string): void {
  watched = zone
  socket?.send({ t: 'watch', on: true, zone })
}
export function leaveBoard(): void {
  watched = board.value = null
  socket?.send({ t: 'watch', on: false })
}
/** Hears when a permission to see a personal field has ended. @returns stops hearing */
export function onGrantEnd(hear: (grant: string) => void): () => void {
  grantEnds.add(hear)
  return () => grantEnds.delete(hear)
}
export const retryNow = (): void => socket?.retryNow()
export const setPresence = (to: Presence): void => void (presence.value = to)
export const clearOutbox = (): void => outbox.value?.clear()

export function useLive() {
  return {
    link,
    presence,
    board,
    looking,
    online: computed(() => link.value.state === 'live'),
    unsent: computed(() => outbox.value?.items.value ?? []),
    /** who is writing in a conversation now, oneself left out */
    typingIn: (conversation: string) =>
      (typing.get(conversation) ?? []).filter((held) => held.until > localNow.value && held.who.id !== owner?.me.id).map((held) => held.who),
  }
}
