import type { VNode } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Problem } from '../../protocol.ts'
import { useShared } from '../../ui/App.tsx'
import { Icon } from '../../ui/icons.tsx'
import type { MoreWords, PageProps } from '../index.tsx'
import { problemOf, ProofApi, type Case, type Proof } from './api.ts'
import { create } from './passkeys.ts'
import css from './proof.css?inline'
import { Ways } from './Ways.tsx'
import { problemLine, purposeText } from './words.ts'

const ENROL = 'enrol_passkey'
const OWN = 'own_address'
const styles = new CSSStyleSheet()
styles.replaceSync(css)

/** What is asked of the customer, what they have shown, and what they can prepare. */
export function Proofs({ view, words }: PageProps): VNode {
  const { model } = useShared()
  const t = words.t.bind(words)
  const here = useRef<HTMLDivElement>(null)
  const token = view.from?.token ?? null
  const api = useRef(new ProofApi(model, token ?? '')).current
  const [held, setHeld] = useState<Case | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [sure, setSure] = useState(false)

  useLayoutEffect(() => {
    const root = here.current?.getRootNode()
    if (root instanceof ShadowRoot && !root.adoptedStyleSheets.includes(styles)) root.adoptedStyleSheets.push(styles)
  }, [])
  const take = (asked: Promise<Case>): void => {
    asked.then((found) => { setHeld(found); setProblem(null) }, (error: unknown) => setProblem(problemOf(error)))
  }
  // what the agent does, and the socket tells, shows here at once
  const seen = view.from?.timeline.have ?? 0
  useEffect(() => { if (token) take(api.list()) }, [token, seen])

  const waiting = held?.proofs.filter((proof) => proof.state === 'waiting') ?? []
  const past = held?.proofs.filter((proof) => proof.state === 'proven') ?? []
  const asked = waiting.filter((proof) => proof.by_agent)
  const own = (purpose: string): Proof | undefined => waiting.find((proof) => !proof.by_agent && proof.purpose === purpose)
  const ways = (proof: Proof): VNode => <Ways key={proof.id} {...{ proof, api, words }} held={held as Case} answered={() => take(api.list())} />
  return (
    <div class="proofs" ref={here}>
      <p class="never"><Icon name="shield" small /><span>{t('verify_never')}</span></p>
      {problem && <p role="alert">{problemLine(words, problem)}</p>}
      {held?.compromised && <p class="unsafe" role="note"><Icon name="warn" small /><span>{t('verify_unsafe_on')}</span></p>}
      {held && asked.length === 0 && past.length === 0 && <p>{t('verify_none')}</p>}
      {asked.map((proof) => (
        <section key={proof.id}>
          <h2>{t('verify_asked')}</h2>
          <p>{t('verify_for', { purpose: purposeText(words, proof.purpose, proof.name) })}</p>
          {proof.purpose === 'on_the_phone'
            ? <button class="btn main" onClick={() => model.show({ ...view, topic: 'phone' })}>{t('pc_go')}</button>
            : ways(proof)}
        </section>
      ))}
      {past.length > 0 && (
        <ul class="list">
          {past.map((proof) => (
            <li key={proof.id} class="conv">
              <Icon name={proof.counts ? 'check' : 'clock'} small />
              <span class="grow"><b>{purposeText(words, proof.purpose, proof.name)}</b><small>{proof.counts ? t('verify_done', { at: words.clock(proof.valid_until ?? '') }) : t('verify_was', { at: words.when(proof.proven_at ?? '') })}</small></span>
            </li>
          ))}
        </ul>
      )}
      {held && !held.compromised && !asked.some((proof) => proof.purpose === OWN) && (
        <Section title={t('verify_p_own_address')} text={t('verify_own_text')}>
          {own(OWN) ? ways(own(OWN) as Proof) : <button class="btn" onClick={() => take(api.begin(OWN))}>{t('verify_own')}</button>}
        </Section>
      )}
      {held?.known && !held.compromised && (
        <Section title={t('verify_p_enrol_passkey')} text={t('verify_keys_text')}>
          <Passkeys {...{ held, api, words }} asking={own(ENROL)} ways={ways} take={take} />
        </Section>
      )}
      {held && !held.compromised && (
        <Section title={t('verify_unsafe')} text={t('verify_unsafe_text')}>
          <button class="btn" onClick={() => (sure ? take(api.compromised()) : setSure(true))}>{t(sure ? 'verify_unsafe_sure' : 'verify_unsafe')}</button>
        </Section>
      )}
    </div>
  )
}

function Section({ title, text, children }: { title: string; text: string; children: VNode }): VNode {
  return <section><h2>{title}</h2><p>{text}</p>{children}</section>
}

interface PasskeysProps {
  held: Case
  api: ProofApi
  words: MoreWords
  asking: Proof | undefined
  ways: (proof: Proof) => VNode
  take: (asked: Promise<Case>) => void
}

/** First the app vouches, then the device makes the key. */
function Passkeys({ held, api, words, asking, ways, take }: PasskeysProps): VNode {
  const t = words.t.bind(words)
  const [said, setSaid] = useState<string | null>(null)
  const add = async (): Promise<void> => {
    setSaid(null)
    try {
      await api.addPasskey(await create((await api.passkeyOptions()).options))
      take(api.list())
    } catch (error) {
      setSaid(problemLine(words, error instanceof DOMException ? { id: 'declined', status: 0 } : problemOf(error)))
    }
  }
  const adding = held.may_enrol
    ? <button class={held.passkeys.length ? 'btn' : 'btn main'} onClick={() => void add()}>{t('verify_keys_add')}</button>
    : asking ? ways(asking) : <button class="btn" onClick={() => take(api.begin(ENROL))}>{t('verify_keys_add')}</button>
  return (
    <>
      {held.passkeys.map((passkey) => <p key={passkey.id} class="have"><Icon name="check" small /><span>{t('verify_keys_have', { at: words.when(passkey.created_at) })}</span></p>)}
      {location.origin === held.origin ? adding : <p>{t('verify_keys_where')}</p>}
      <p role="alert">{said}</p>
    </>
  )
}
