import type { MoreKey, MoreWords } from '../index.tsx'
import type { Problem } from '../../protocol.ts'
import { problemText } from '../../ui/problem.ts'

const PURPOSES: Record<string, MoreKey> = {
  account_state: 'proof_p_account_state',
  own_address: 'proof_p_own_address',
  contact_change: 'proof_p_contact_change',
  freeze: 'proof_p_freeze',
  enrol_passkey: 'proof_p_enrol_passkey',
  account_control: 'proof_p_account_control',
}
/** The server's reasons, by what the customer can do about them. */
const REASONS: Record<string, MoreKey> = {
  compromised: 'proof_r_compromised',
  wrong_signature: 'proof_r_signature', malformed: 'proof_r_signature', other_address: 'proof_r_signature', high_s: 'proof_r_signature',
  contract_refused: 'proof_r_signature', not_a_key: 'proof_r_kind', small_order: 'proof_r_kind', unsupported: 'proof_r_kind',
  needs_chain: 'proof_r_chain', chain_failed: 'proof_r_chain', wrong_chain: 'proof_r_chain', chain_not_read: 'proof_r_chain', unknown_account: 'proof_r_kind',
  permission_changed: 'proof_r_permission',
  late: 'proof_r_late', over: 'proof_r_late', used: 'proof_r_late', challenge_used: 'proof_r_late', verification_over: 'proof_r_late',
  wrong_code: 'proof_r_code', wrong_token: 'proof_r_app', wrong_passkey: 'proof_r_passkey', customer_passkey_refused: 'proof_r_passkey', passkey_refused: 'proof_r_passkey', too_new: 'proof_r_new',
  address_invalid: 'proof_r_address', too_many_challenges: 'proof_r_many', declined: 'proof_r_declined', method_not_offered: 'proof_no_way',
}

/** A purpose of the operator's own comes with its name. */
export function purposeText(words: MoreWords, purpose: string, name: string): string {
  const key = PURPOSES[purpose]
  return name || (key ? words.t(key) : purpose.replaceAll('_', ' '))
}

export function reasonText(words: MoreWords, reason: string): string {
  return words.t(REASONS[reason] ?? 'proof_r_other')
}

export function problemLine(words: MoreWords, problem: Problem): string {
  return problem.id in REASONS ? reasonText(words, problem.id) : problemText(words, problem)
}
