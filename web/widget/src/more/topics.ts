import type { VNode } from 'preact'
import type { MoreKey, PageProps } from './index.tsx'

/** A page of the on-demand part; `conversation`: it is about one, so it is offered only inside one. */
export interface Topic {
  title: MoreKey
  about: MoreKey
  page: (props: PageProps) => VNode
  conversation?: boolean
}

/** In the order of the menu. */
export const TOPICS: Record<string, Topic> = {
}
