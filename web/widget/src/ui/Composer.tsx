import type { VNode } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { MESSAGE_LIMIT, passing } from '../protocol.ts'
import type { DraftFile, Session } from '../session.ts'
import { useShared } from './App.tsx'
import { Icon } from './icons.tsx'
import { problemText } from './problem.ts'

/** the count appears when fewer characters than this are left */
const NEAR_LIMIT = 500
const ACCEPT = 'image/*,application/pdf,text/plain'

export function Composer({ session }: { session: Session }): VNode {
  const { model } = useShared()
  const { words } = model
  const t = words.t.bind(words)
  const [, redraw] = useState(0)
  const field = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const text = session.draft
  const length = text.length > MESSAGE_LIMIT - NEAR_LIMIT ? [...text].length : text.length
  const left = MESSAGE_LIMIT - length
  const files = session.files
  const uploading = session.token !== null && files.some((file) => !file.done && !file.problem)
  const ready = (text.trim() !== '' || files.some((file) => !file.problem)) && left >= 0 && !uploading

  useLayoutEffect(() => {
    const area = field.current
    if (!area || CSS.supports('field-sizing', 'content')) return
    area.style.height = 'auto'
    area.style.height = `${area.scrollHeight + 2}px`
  }, [text])

  // begun anew right after something was sent: the words go on where they were
  useLayoutEffect(() => {
    if (session.erased > 0) field.current?.focus()
  }, [])

  // files picked before the conversation existed follow its first words as soon as they are up
  const waiting = useRef(false)
  useEffect(() => {
    if (!waiting.current || !session.token || uploading) return
    waiting.current = false
    const done = files.flatMap((file) => file.done ?? [])
    if (done.length) session.say('', done)
    for (const file of files) if (file.done) session.removeFile(file.key)
  })

  const send = (): void => {
    if (!ready || model.guard?.stops(session)) return
    const said = text.trim()
    session.draft = ''
    if (session.token) {
      session.say(said, files.flatMap((file) => file.done ?? []))
      for (const file of files) if (file.done) session.removeFile(file.key)
    } else {
      waiting.current = files.length > 0
      model.say(session, said || files.map(({ file }) => file.name).join('\n'))
    }
    field.current?.focus()
    redraw((count) => count + 1)
  }
  const keys = (event: KeyboardEvent): void => {
    // 229: older engines report a key of the IME that way after isComposing has ended
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    send()
  }
  return (
    <form class="compose" aria-label={t('messages')} onFocusIn={model.arm} onSubmit={(event) => { event.preventDefault(); send() }}>
      {model.guard?.card(session)}
      {files.length > 0 && <ul class="files">{files.map((file) => <li key={file.key}><Draft session={session} draft={file} /></li>)}</ul>}
      {left < NEAR_LIMIT && (
        <p class={left < 0 ? 'limit over' : 'limit'} role="status">{left < 0 ? t('over', { count: -left }) : t('left', { count: left })}</p>
      )}
      <div class="send">
        <input ref={picker} type="file" accept={ACCEPT} multiple hidden onChange={(event) => {
          session.addFiles(event.currentTarget.files ?? [])
          event.currentTarget.value = ''
        }} />
        <button class="ib" type="button" aria-label={t('attach')} onClick={() => picker.current?.click()}><Icon name="plus" /></button>
        <textarea ref={field} rows={1} dir="auto" enterkeyhint="send" value={text} placeholder={t('placeholder')} aria-label={t('placeholder')}
          onInput={(event) => {
            session.draft = event.currentTarget.value
            session.type(session.draft !== '')
            redraw((count) => count + 1)
          }}
          onKeyDown={keys}
          onPaste={(event) => {
            const pasted = [...(event.clipboardData?.files ?? [])]
            if (!pasted.length) return
            event.preventDefault()
            session.addFiles(pasted)
          }} />
        <button class="ib go" type="submit" aria-label={t('send')} aria-disabled={!ready}><Icon name="send" flip /></button>
      </div>
    </form>
  )
}

function Draft({ session, draft }: { session: Session; draft: DraftFile }): VNode {
  const { words } = useShared().model
  const [plain, setPlain] = useState(false)
  const { name } = draft.file
  return (
    <>
      {draft.preview && !plain ? <img src={draft.preview} alt="" onError={() => setPlain(true)} /> : <Icon name="file" />}
      <span class="grow">
        <bdi>{name}</bdi>
        {draft.problem && <small class="bad">{problemText(words, draft.problem)}</small>}
        {!draft.problem && !session.token && <small>{words.t('upload_wait')}</small>}
        {!draft.problem && !draft.done && session.token && <progress value={draft.progress ?? 0} aria-label={words.t('uploading', { name })} />}
      </span>
      {draft.problem && passing(draft.problem) && <button type="button" class="btn" onClick={() => session.upload(draft)}>{words.t('try_again')}</button>}
      <button type="button" class="ib" aria-label={words.t('remove', { name })} onClick={() => session.removeFile(draft.key)}><Icon name="close" small /></button>
    </>
  )
}
