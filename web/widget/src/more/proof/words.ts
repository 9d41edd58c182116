import type { MoreKey, MoreWords } from '../index.tsx'
import type { Problem } from '../../protocol.ts'
import { problemText } from '../../ui/problem.ts'

const PURPOSES: Record<string, MoreKey> = {
  account_state: 'verify_p_account_state',
  own_address: 'verify_p_own_address',
  contact_change: 'verify_p_contact_change',
  freeze: 'verify_p_freeze',
  enrol_passkey: 'verify_p_enrol_passkey',
  account_control: 'verify_p_account_control',
  on_the_phone: 'verify_p_on_the_phone',
}
/** The server's reasons, by what the customer can do about them. */
const REASONS: Record<string, MoreKey> = {
  compromised: 'verify_r_compromised',
  wrong_signature: 'verify_r_signature', malformed: 'verify_r_signature', other_address: 'verify_r_signature', high_s: 'verify_r_signature',
  contract_refused: 'verify_r_signature', not_a_key: 'verify_r_kind', small_order: 'verify_r_kind', unsupported: 'verify_r_kind',
  needs_chain: 'verify_r_chain', chain_failed: 'verify_r_chain', wrong_chain: 'verify_r_chain', chain_not_read: 'verify_r_chain', unknown_account: 'verify_r_kind',
  permission_changed: 'verify_r_permission',
  late: 'verify_r_late', over: 'verify_r_late', used: 'verify_r_late', challenge_used: 'verify_r_late', verification_over: 'verify_r_late',
  wrong_code: 'verify_r_code', wrong_token: 'verify_r_app', wrong_passkey: 'verify_r_passkey', customer_passkey_refused: 'verify_r_passkey', passkey_refused: 'verify_r_passkey', too_new: 'verify_r_new',
  address_invalid: 'verify_r_address', too_many_challenges: 'verify_r_many', declined: 'verify_r_declined', method_not_offered: 'verify_no_way',
}

/** A purpose of the operator's own comes with its name. */
export function purposeText(words: MoreWords, purpose: string, name: string): string {
  const key = PURPOSES[purpose]
  return name || (key ? words.t(key) : purpose.replaceAll('_', ' '))
}

export function reasonText(words: MoreWords, reason: string): string {
  return words.t(REASONS[reason] ?? 'verify_r_other')
}

export function problemLine(words: MoreWords, problem: Problem): string {
  return problem.id in REASONS ? reasonText(words, problem.id) : problemText(words, problem)
}
