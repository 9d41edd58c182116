import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { ApiError } from '../api.ts'
import type { Attachment } from '../protocol.ts'
import { useShared } from '../ui/App.tsx'
import { problemText } from '../ui/problem.ts'
import type { MoreKey, PageProps } from './index.tsx'

const FAULTS: Record<string, MoreKey> = { ours_reported: 'fake_ours', report_empty: 'fake_unread' }
const TARGET_LIMIT = 500
const WORDS_LIMIT = 2000

/** Somebody or something that pretends to be us; a screenshot goes the way of all files. */
export function Impostor({ view, words }: PageProps): VNode {
  const { model } = useShared()
  const t = words.t.bind(words)
  const token = view.from?.token
  const [target, setTarget] = useState('')
  const [person, setPerson] = useState(false)
  const [said, setSaid] = useState('')
  const [pictures, setPictures] = useState<Attachment[]>([])
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    if (busy) return
    setBusy(true)
    setFault(null)
    try {
      await act()
    } catch (error) {
      const problem = error instanceof ApiError ? error.problem : { id: 'offline', status: 0 }
      const known = FAULTS[problem.id]
      setFault(known ? t(known) : problemText(model.words, problem))
    }
    setBusy(false)
  }
  const add = (file: File | undefined): void => {
    if (!file || !token) return
    void attempt(async () => {
      const stored = await model.api.upload(token, file, () => undefined).done
      setPictures((those) => [...those, stored])
    })
  }
  const send = (): void => {
    void attempt(async () => {
      await model.api.post('impostor', { token, target: target.trim(), kind: person ? 'person' : null, words: said.trim(), attachments: pictures.map(({ id }) => id) })
      setDone(true)
    })
  }
  if (done) return <p role="status">{t('fake_done')}</p>
  const field = { display: 'block', width: '100%', marginTop: '4px' }
  return (
    <div class="why">
      <label><span>{t('fake_target')}</span>
        <textarea rows={2} dir="auto" maxLength={TARGET_LIMIT} value={target} autocapitalize="none" spellcheck={false} style={field} onInput={(event) => setTarget(event.currentTarget.value)} /></label>
      <label style={{ display: 'flex', gap: '8px', alignItems: 'center', minHeight: '44px' }}>
        <input type="checkbox" checked={person} style={{ width: '20px', height: '20px' }} onChange={(event) => setPerson(event.currentTarget.checked)} /><span>{t('fake_person')}</span></label>
      <label><span>{t('fake_words')}</span>
        <textarea rows={4} dir="auto" maxLength={WORDS_LIMIT} value={said} style={field} onInput={(event) => setSaid(event.currentTarget.value)} /></label>
      <label class="btn" style={{ cursor: 'pointer' }}>
        <span>{t('fake_picture')}</span>
        <input type="file" accept="image/*" class="hf-sr" disabled={busy || pictures.length >= 5} onChange={(event) => add(event.currentTarget.files?.[0])} /></label>
      {pictures.map((picture) => <p key={picture.id} class="aside"><bdi>{picture.name}</bdi></p>)}
      <button class="btn main" disabled={busy || target.trim() === ''} onClick={send}>{t('fake_send')}</button>
      <p role="status">{fault}</p>
    </div>
  )
}
