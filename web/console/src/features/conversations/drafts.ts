/** What was written and not sent, kept on this computer, one per conversation and agent. */

import type { Attachment } from '@shared/protocol'

export interface Draft {
  mode: 'public' | 'note'
  public: string
  note: string
  att: Attachment[]
  /** last seq on the screen when the reply was begun: what came later may change it */
  base: number
}

const PREFIX = 'hf-draft-'
const key = (agent: string, conversation: string) => `${PREFIX}${agent}-${conversation}`

export const emptyDraft = (base: number): Draft => ({ mode: 'public', public: '', note: '', att: [], base })

export function readDraft(agent: string, conversation: string, base: number): Draft {
  try {
    const held = JSON.parse(localStorage.getItem(key(agent, conversation)) ?? 'null') as Partial<Draft> | null
    return { ...emptyDraft(base), ...held }
  } catch {
    return emptyDraft(base)
  }
}

export function writeDraft(agent: string, conversation: string, draft: Draft): void {
  if (draft.public || draft.note || draft.att.length) localStorage.setItem(key(agent, conversation), JSON.stringify(draft))
  else localStorage.removeItem(key(agent, conversation))
}

export function clearDrafts(): void {
  for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name)
}
