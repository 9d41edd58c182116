/** Messages written but not yet acknowledged. They outlive a reload: the words are kept until the server has them. */

import { shallowRef } from 'vue'
import type { Attachment, Problem } from '@shared/protocol'

export interface Unsent {
  k: string
  c: string
  kind: 'public' | 'note'
  b: string
  att: Attachment[]
  at: string
  /** waiting: no line yet; sending: on its way; failed: refused, or no answer in time */
  state: 'waiting' | 'sending' | 'failed'
  problem?: Problem
}

const NO_ANSWER = 'no_answer'

export class Outbox {
  readonly items = shallowRef<Unsent[]>([])

  constructor(
    private readonly key: string,
    private readonly storage: Storage = localStorage,
  ) {
    this.read()
    // What was on its way when the page went has no answer coming to this page: it waits again, with the same key.
    this.items.value = this.items.value.map((item) => (item.state === 'sending' ? { ...item, state: 'waiting' } : item))
  }

  /** Another tab of this agent wrote. */
  read(): void {
    try {
      const held: unknown = JSON.parse(this.storage.getItem(this.key) ?? '[]')
      this.items.value = Array.isArray(held) ? (held as Unsent[]) : []
    } catch {
      this.items.value = []
    }
  }

  add(item: Omit<Unsent, 'state'>): Unsent {
    const unsent: Unsent = { ...item, state: 'waiting' }
    this.write([...this.items.value, unsent])
    return unsent
  }

  find(k: string): Unsent | undefined {
    return this.items.value.find((item) => item.k === k)
  }

  of(conversation: string): Unsent[] {
    return this.items.value.filter((item) => item.c === conversation)
  }

  sending(k: string): void {
    this.change(k, (item) => ({ ...item, state: 'sending', problem: undefined }))
  }

  waiting(k: string): void {
    this.change(k, (item) => ({ ...item, state: 'waiting', problem: undefined }))
  }

  failed(k: string, problem: Problem): void {
    this.change(k, (item) => ({ ...item, state: 'failed', problem }))
  }

  /** Nobody answered in time; it may have arrived. The same key makes trying again safe. */
  unanswered(k: string): void {
    if (this.find(k)?.state === 'sending') this.failed(k, { id: NO_ANSWER, status: 0 })
  }

  remove(k: string): Unsent | undefined {
    const item = this.find(k)
    if (item) this.write(this.items.value.filter((held) => held.k !== k))
    return item
  }

  /** What goes out when the line is back: everything but what the server refused. In the order of writing. */
  due(): Unsent[] {
    return this.items.value.filter((item) => item.state !== 'failed' || item.problem?.id === NO_ANSWER)
  }

  clear(): void {
    this.write([])
  }

  private change(k: string, to: (item: Unsent) => Unsent): void {
    if (!this.find(k)) return
    this.write(this.items.value.map((item) => (item.k === k ? to(item) : item)))
  }

  private write(items: Unsent[]): void {
    this.items.value = items
    if (items.length) this.storage.setItem(this.key, JSON.stringify(items))
    else this.storage.removeItem(this.key)
  }
}
