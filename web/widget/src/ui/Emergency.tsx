import type { VNode } from 'preact'
import type { Session } from '../session.ts'
import { CloseButton, useShared } from './App.tsx'
import { Icon } from './icons.tsx'

/** The steps need no network and no answer; the words to the team go through the outbox. */
export function Emergency({ from }: { from: Session | null }): VNode {
  const { model } = useShared()
  const { words, actions } = model
  const t = words.t.bind(words)
  const session = from ?? model.openSession()
  const state = session?.state ?? null
  const alerted = state?.emergency === true || (session?.unsent().some((item) => item.kind === 'raise' || (item.kind === 'create' && item.emergency)) ?? false)
  return (
    <>
      <header class="alarm">
        <div class="top">
          <button class="ib" onClick={() => model.show(from ? { name: 'chat', session: from } : { name: 'home' })} aria-label={t('back')}><Icon name="back" flip /></button>
          <CloseButton />
        </div>
        <h1 tabIndex={-1} data-focus>{alerted ? t('em_title_on') : t('em_title')}</h1>
        <p role="status">{status()}</p>
      </header>
      <div class="body">
        <ol class="steps">
          <li>
            <div><h2>{t('em_1')}</h2><p>{t('em_1_text')}</p>
              {actions.newWallet && <button class="btn main" onClick={actions.newWallet}>{t('em_1_do')}</button>}</div>
          </li>
          <li>
            <div><h2>{t('em_2')}</h2><p>{t('em_2_text')}</p>
              {actions.disconnectAll && <button class="btn" onClick={actions.disconnectAll}>{t('em_2_do')}</button>}</div>
          </li>
          <li><div><h2>{t('em_3')}</h2><p>{t('em_3_text')}</p></div></li>
          <li><div><h2>{t('em_4')}</h2><p>{t('em_4_text')}</p></div></li>
        </ol>
        <p class="never"><Icon name="shield" small /><span>{t('em_never')}</span></p>
      </div>
      <footer class="foot">
        {alerted && session
          ? <button class="btn call" onClick={() => model.show({ name: 'chat', session })}><Icon name="chat" />{t('em_go')}</button>
          : <button class="btn call" onClick={() => model.raise(from)}><Icon name="chat" />{t('em_write')}</button>}
      </footer>
    </>
  )

  function status(): string {
    if (!model.online) return t('em_offline')
    if (!alerted) return t('em_intro')
    if (state?.agent) return t('em_agent', { name: state.agent.name })
    const line = state?.position === 1 ? t('position_first') : state?.position ? t('position', { n: state.position }) : ''
    const due = state?.promise && new Date(state.promise.due).getTime() > Date.now() ? t('em_by', { time: words.when(state.promise.due) }) : ''
    return [line, due].filter(Boolean).join(words.space) || t('ev_emergency')
  }
}
