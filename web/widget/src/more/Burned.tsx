import type { VNode } from 'preact'
import type { Entry, SecretKind } from '../protocol.ts'
import type { Session } from '../session.ts'
import { useShared } from '../ui/App.tsx'
import { Icon } from '../ui/icons.tsx'
import type { MoreKey, MoreWords } from './index.tsx'

const GONE: Partial<Record<SecretKind, MoreKey>> = {
  one_time_code: 'gone_code', password: 'gone_password', card_number: 'gone_card',
}

/** What was found in the customer's own words: a phrase or key burns the wallet, the rest is said shortly. */
export function Burned({ session, entry, words }: { session: Session; entry: Entry; words: MoreWords }): VNode | null {
  const { model } = useShared()
  const kind = entry.red?.[0]?.kind
  if (!kind || entry.ev?.by !== 'customer') return null
  const gone = GONE[kind]
  if (gone) return <div class="stop" role="note"><Icon name="stop" /><p>{words.t(gone)}</p></div>
  const picture = entry.ev.where === 'picture'
  const said = picture ? 'burn_picture' : entry.ev.where === 'messages' ? 'burn_parts' : kind === 'recovery_phrase' ? 'burn_phrase' : 'burn_key'
  return (
    <div class="stop" role="alert">
      <Icon name="stop" />
      <div>
        <b>{words.t(said)}</b>
        {picture && <p>{words.t('burn_picture_text')}</p>}
        <p>{words.t('burn_wallet')}</p>
        <p>{words.t('burn_now')}</p>
        <button class="btn main" onClick={() => model.show({ name: 'emergency', from: session })}>{words.t('burn_do')}</button>
      </div>
    </div>
  )
}
