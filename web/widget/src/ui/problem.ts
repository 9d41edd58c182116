import type { Key, Words } from '../i18n.ts'
import type { Problem } from '../protocol.ts'

const TEXTS: Record<string, Key> = {
  too_long: 'err_too_long',
  empty_message: 'err_empty_message',
  token_expired: 'err_token',
  token_invalid: 'err_token',
  not_found: 'err_token',
  inbox_unknown: 'err_inbox_unknown',
  page_refused: 'err_inbox_unknown',
  conversation_not_found: 'err_token',
  rate_limited: 'err_rate_limited',
  attachment_too_large: 'err_attachment_too_large',
  attachment_type: 'err_attachment_type',
  attachment_damaged: 'err_attachment_type',
  picture_too_large: 'err_attachment_too_large',
  too_many_files: 'err_too_many_files',
  storage_full: 'err_storage_full',
  offline: 'err_offline',
  unavailable: 'err_unavailable',
}

export function problemText(words: Words, problem: Problem): string {
  return words.t(TEXTS[problem.id] ?? 'err_other')
}
