import type { VNode } from 'preact'
import type { MoreKey, PageProps } from './index.tsx'
import { MyData } from './MyData.tsx'
import { Proofs } from './proof/Proofs.tsx'

/** A page of the on-demand part; `conversation`: it is about one, so it is offered only inside one. */
export interface Topic {
  title: MoreKey
  about: MoreKey
  page: (props: PageProps) => VNode
  conversation?: boolean
}

/** In the order of the menu. */
export const TOPICS: Record<string, Topic> = {
  proof: { title: 'proof_title', about: 'proof_about', page: Proofs, conversation: true },
  data: { title: 'data_title', about: 'data_about', page: MyData },
}
