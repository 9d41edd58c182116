import type { VNode } from 'preact'
import { LANGUAGES, type Words } from '../i18n.ts'
import type { Row } from '../model.ts'
import { REDACTED } from '../protocol.ts'
import { CloseButton, Trouble, useShared } from './App.tsx'
import { Icon } from './icons.tsx'
import { problemText } from './problem.ts'

export function Home(): VNode {
  const { model } = useShared()
  const { words, start } = model
  const t = words.t.bind(words)
  const rows = model.rows()
  const native = !start || start.inbox.languages.includes(words.language)
  const promise = start?.promise
  const trouble = !model.online ? t('offline') : model.startProblem ? problemText(words, model.startProblem) : null
  const dead = model.startProblem?.id === 'inbox_unknown' || model.startProblem?.id === 'page_refused'
  return (
    <>
      <header class="bar">
        <h1 tabIndex={-1} data-focus>{t('title')}</h1>
        <Picker />
        <CloseButton />
      </header>
      <Trouble text={trouble} />
      <div class="body" aria-busy={model.loading && !start}>
        {rows.length > 0 && (
          <section>
            <h2>{t('yours')}</h2>
            <ul class="list">
              {rows.map((row) => <li key={row.id}><Conversation row={row} /></li>)}
            </ul>
          </section>
        )}
        {!dead && (
          <section>
            <h2>{t('ask')}</h2>
            <button class="way" onClick={() => model.newChat()}>
              <span class="ic"><Icon name="chat" /></span>
              <span class="grow"><b>{t('chat')}</b><small>{native ? t('chat_about') : t('chat_person')}</small></span>
              {promise ? <span class="t">{t('by_time', { time: words.when(promise.due) })}</span> : model.loading && !start && <span class="t bone" />}
            </button>
            {model.calls && (
              <ul class="list">
                <li>
                  <button class="ring" onClick={() => model.show({ name: 'more', topic: 'call', from: null })}>
                    <Icon name="phone" />
                    <span class="grow"><b>{t('call')}</b><small>{t('call_about')}</small></span>
                    <Icon name="forward" small flip />
                  </button>
                </li>
              </ul>
            )}
            {start && !start.open && promise && <p class="aside">{t('desk_closed', { time: words.when(promise.due) })}</p>}
          </section>
        )}
        <section class="real">
          <Icon name="shield" />
          <div>
            <h2>{t('real_title')}</h2><p>{t('real_text')}</p>
            <button class="link" onClick={() => model.show({ name: 'more', topic: 'menu', from: null })}>{t('more')}</button>
          </div>
        </section>
      </div>
      <div class="alarm-bar">
        <button class="sos" onClick={() => model.show({ name: 'emergency', from: null })}>
          <Icon name="alarm" />
          <span class="grow"><b>{t('sos_title')}</b><small>{t('sos_text')}</small></span>
          <Icon name="forward" flip />
        </button>
      </div>
    </>
  )
}

function Picker(): VNode {
  const { model } = useShared()
  const current = model.words.language
  const offered = model.start?.inbox.languages.filter((tag) => tag in LANGUAGES) ?? []
  const tags = Object.keys(LANGUAGES).filter((tag) => offered.length === 0 || offered.includes(tag) || tag === current)
  return (
    <label class="pick">
      <Icon name="language" small />
      <span class="hf-sr">{model.words.t('language')}</span>
      <select value={current} onChange={(event) => void model.setLanguage(event.currentTarget.value)}>
        {tags.map((tag) => <option key={tag} value={tag} lang={tag} selected={tag === current}>{LANGUAGES[tag]}</option>)}
      </select>
    </label>
  )
}

function Conversation({ row }: { row: Row }): VNode {
  const { model } = useShared()
  const { words } = model
  const { preview, at } = lastWords(words, row)
  return (
    <button class="conv" onClick={() => model.openRow(row)}>
      <span class="grow">
        <span class={row.unread ? 'preview new' : 'preview'} dir="auto">{preview}</span>
        <small>{stateText(words, row)}{at && <> · <time dateTime={at}>{words.when(at)}</time></>}</small>
      </span>
      {row.unread > 0 && <span class="count"><span aria-hidden="true">{row.unread}</span><span class="hf-sr">{words.t('unread', { count: row.unread })}</span></span>}
      <Icon name="forward" small flip />
    </button>
  )
}

function lastWords(words: Words, { session, summary }: Row): { preview: string; at: string | null } {
  const shown = (text: string): string => text.split(REDACTED).join(`[${words.t('removed')}]`)
  const said = session?.rows().filter(({ entry, local }) => (entry ? entry.kind === 'public' : local)) ?? []
  const last = said.at(-1)
  const row = last?.entry ?? last?.local
  if (row) return { preview: shown(row.b) || row.att.map((file) => file.name).join(', '), at: row.at }
  return { preview: shown(summary?.preview ?? '') || (summary?.state.reference ?? ''), at: summary?.last_at ?? null }
}

function stateText(words: Words, { session, summary }: Row): string {
  const state = session?.state ?? summary?.state
  if (!state) return words.t('state_unsent')
  if (state.category === 'resolved') return words.t('state_resolved')
  if (state.category === 'waiting') return state.update ? words.t('by_time', { time: words.when(state.update.due) }) : words.t('state_waiting')
  return state.promise ? words.t('by_time', { time: words.when(state.promise.due) }) : words.t('state_open')
}
