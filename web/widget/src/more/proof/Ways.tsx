import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Problem } from '../../protocol.ts'
import type { MoreWords } from '../index.tsx'
import { problemOf, type Answered, type Case, type Challenge, type Method, type Proof, type ProofApi } from './api.ts'
import { get } from './passkeys.ts'
import { NotSigned, signerOf } from './signer.ts'
import { problemLine, reasonText } from './words.ts'

interface Props {
  proof: Proof
  held: Case
  api: ProofApi
  words: MoreWords
  /** something was answered, well or not */
  answered: () => void
}

/** The ways that are open for one proof, and the one that was chosen. */
export function Ways({ proof, held, api, words, answered }: Props): VNode {
  const t = words.t.bind(words)
  const here = useRef<HTMLDivElement>(null)
  const [made, setMade] = useState<Challenge | null>(null)
  const [copying, setCopying] = useState(false)
  const [busy, setBusy] = useState(false)
  const [said, setSaid] = useState<string | null>(null)

  /** One request after the other; what fails is said, and the button works again. */
  const run = (work: () => Promise<void>): void => {
    setBusy(true)
    setSaid(null)
    work()
      .catch((error: unknown) => setSaid(problemLine(words, declined(error) ?? problemOf(error))))
      .finally(() => setBusy(false))
  }
  const give = async (challenge: string, given: object): Promise<void> => {
    const outcome: Answered = await api.answer(challenge, given)
    if (outcome.refused === 'wrong_code' && outcome.tries > 0) setSaid(`${reasonText(words, 'wrong_code')}${words.space}${t('verify_tries', { count: outcome.tries })}`)
    else {
      setMade(null)
      setCopying(false)
      // the reason comes with the proof
      answered()
    }
  }
  const oneTap: Partial<Record<Method, () => Promise<void>>> = {
    async app() {
      const challenge = await api.challenge(proof.id, 'app')
      await give(challenge.id, { identity: await api.identity(challenge.nonce ?? '') })
    },
    async passkey() {
      const challenge = await api.challenge(proof.id, 'passkey')
      await give(challenge.id, { credential: await get(challenge.options ?? {}) })
    },
    async wallet() {
      const signer = here.current && signerOf(here.current)
      if (!signer) return setCopying(true)
      const address = await signer.address()
      const challenge = await api.challenge(proof.id, 'wallet', { address, chain: await signer.chain?.() })
      await give(challenge.id, { signature: await signer.sign(challenge.text ?? '', challenge.address ?? address) })
    },
  }
  const choose = (method: Method): void => run(oneTap[method] ?? (async () => setMade(await api.challenge(proof.id, method))))
  const elsewhere = location.origin !== held.origin
  return (
    <div class="proof" ref={here}>
      {proof.ways.map(({ method, to }) => (
        method === 'passkey' && elsewhere
          ? <p key={method}>{t('verify_keys_where')}</p>
          : <button key={method} class={made || copying ? 'btn' : 'btn main'} disabled={busy} onClick={() => choose(method)}>{t(`verify_way_${method}`, { to: to ?? '' })}</button>
      ))}
      {proof.ways.length === 0 && <p>{t('verify_no_way')}</p>}
      {proof.ways.some(({ method }) => method === 'wallet') && !copying && (
        <button class="link" onClick={() => { setCopying(true); setMade(null) }}>{t('verify_other')}</button>
      )}
      {copying && <Copied {...{ words, made, busy }} start={(address) => run(async () => setMade(await api.challenge(proof.id, 'wallet', { address })))} give={(signature) => run(() => give(made?.id ?? '', { signature }))} />}
      {made?.to && <Code {...{ words, made, busy }} give={(code) => run(() => give(made.id, { code }))} />}
      <p role="alert">{said ?? (proof.refused && reasonText(words, proof.refused))}</p>
    </div>
  )
}

function declined(error: unknown): Problem | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null
  // 4001: EIP-1193's word for "the user said no"; WebAuthn throws a NotAllowedError
  return error instanceof NotSigned || code === 4001 || (error instanceof DOMException && error.name === 'NotAllowedError')
    ? { id: 'declined', status: 0 }
    : null
}

interface PartProps {
  words: MoreWords
  made: Challenge | null
  busy: boolean
}

function Code({ words, made, busy, give }: PartProps & { give: (code: string) => void }): VNode {
  const t = words.t.bind(words)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [made?.id])
  return (
    <form class="why" onSubmit={(event) => { event.preventDefault(); give(field.current?.value ?? '') }}>
      <p>{t('verify_code_sent', { to: made?.to ?? '', at: words.clock(made?.expires_at ?? '') })}</p>
      <label>{t('verify_code')}
        <input ref={field} inputMode="numeric" autocomplete="one-time-code" dir="ltr" maxLength={12} required /></label>
      <button class="btn main" disabled={busy}>{t('verify_check')}</button>
    </form>
  )
}

/** Every chain, every wallet, also one on another device: the text goes there, the signature comes back. */
function Copied({ words, made, busy, start, give }: PartProps & { start: (address: string) => void; give: (signature: string) => void }): VNode {
  const t = words.t.bind(words)
  const [address, setAddress] = useState('')
  const [signature, setSignature] = useState('')
  const [copied, setCopied] = useState(false)
  const text = useRef<HTMLTextAreaElement>(null)
  const copy = (): void => {
    text.current?.select()
    void navigator.clipboard.writeText(made?.text ?? '').then(() => setCopied(true), () => null)
  }
  if (!made?.text) {
    return (
      <form class="why" onSubmit={(event) => { event.preventDefault(); start(address) }}>
        <label>{t('verify_address')}
          <input value={address} onInput={(event) => setAddress(event.currentTarget.value)} dir="ltr" autocapitalize="none" autocomplete="off" spellcheck={false} maxLength={100} required /></label>
        <button class="btn main" disabled={busy}>{t('verify_address_next')}</button>
      </form>
    )
  }
  return (
    <form class="why" onSubmit={(event) => { event.preventDefault(); give(signature) }}>
      <p>{t('verify_copy_lead')} {t('verify_until', { at: words.clock(made.expires_at) })}</p>
      <label>{t('verify_text')}<textarea ref={text} class="mono" rows={8} dir="ltr" readOnly value={made.text} /></label>
      <button type="button" class="btn" onClick={copy}>{t(copied ? 'verify_copied' : 'verify_copy')}</button>
      <label>{t('verify_signature')}
        <textarea class="mono" rows={3} dir="ltr" value={signature} onInput={(event) => setSignature(event.currentTarget.value)} autocomplete="off" spellcheck={false} required /></label>
      <button class="btn main" disabled={busy}>{t('verify_check')}</button>
    </form>
  )
}
