import type { VNode } from 'preact'
import type { Entry } from '../../protocol.ts'
import type { Session } from '../../session.ts'
import { useShared } from '../../ui/App.tsx'
import { Icon } from '../../ui/icons.tsx'
import type { MoreKey, MoreWords } from '../index.tsx'
import { purposeText, reasonText } from './words.ts'

/** A line of the chat about proof: the agent's question as a card, the rest as small print. */
export function Line({ session, entry, words }: { session: Session; entry: Entry; words: MoreWords }): VNode | null {
  const { model } = useShared()
  const text = (name: string): string => (typeof entry.ev?.[name] === 'string' ? entry.ev[name] : '')
  const onPhone = text('purpose') === 'on_the_phone'
  const purpose = purposeText(words, text('purpose'), text('words'))
  if (entry.ev?.type === 'proof_asked' && entry.from === 'agent') {
    return (
      <div class="stop" role="note">
        <Icon name="shield" />
        <div>
          <b>{words.t('verify_asked')}</b>
          <p>{words.t('verify_for', { purpose })}</p>
          <button class="btn main" onClick={() => model.show({ name: 'more', topic: onPhone ? 'phone' : 'verify', from: session })}>{words.t(onPhone ? 'pc_go' : 'verify_go')}</button>
        </div>
      </div>
    )
  }
  const said = line()
  return said ? <p class="day">{said} <time dateTime={entry.at}>{words.clock(entry.at)}</time></p> : null

  function line(): string | null {
    switch (entry.ev?.type) {
      case 'proof_given': return words.t('verify_done', { at: words.clock(text('until')) })
      case 'proof_refused': return reasonText(words, text('reason'))
      case 'proof_withdrawn': return words.t('verify_ev_withdrawn')
      case 'proof_compromised': return words.t('verify_ev_compromised' satisfies MoreKey)
      default: return null
    }
  }
}
