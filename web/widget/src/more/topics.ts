import type { VNode } from 'preact'
import { CallUs } from './CallUs.tsx'
import { Continue } from './Continue.tsx'
import { Impostor } from './Impostor.tsx'
import type { MoreKey, PageProps } from './index.tsx'
import { Looks } from './Looks.tsx'
import { Mail } from './Mail.tsx'
import { PhoneCode } from './PhoneCode.tsx'
import { Proof } from './Proof.tsx'
import { MyData } from './MyData.tsx'
import { Proofs } from './proof/Proofs.tsx'

/** A page of the on-demand part; `conversation`: it is about one, so it is offered only inside one. */
export interface Topic {
  title: MoreKey
  about: MoreKey
  page: (props: PageProps) => VNode
  conversation?: boolean
  /** there must be a phone */
  phone?: boolean
  /** in no menu: a link leads there */
  linked?: boolean
}

/** In the order of the menu. */
export const TOPICS: Record<string, Topic> = {
  verify: { title: 'verify_title', about: 'verify_about', page: Proofs, conversation: true },
  proof: { title: 'proof_title', about: 'proof_about', page: Proof, conversation: true },
  mail: { title: 'mail_title', about: 'mail_about', page: Mail, conversation: true },
  impostor: { title: 'fake_title', about: 'fake_about', page: Impostor, conversation: true },
  looks: { title: 'look_title', about: 'look_about', page: Looks, conversation: true },
  call: { title: 'call_title', about: 'call_about', page: CallUs, phone: true },
  phone: { title: 'pc_title', about: 'pc_about', page: PhoneCode, conversation: true, phone: true },
  continue: { title: 'cont_title', about: 'cont_lead', page: Continue, linked: true },
  data: { title: 'data_title', about: 'data_about', page: MyData },
}
