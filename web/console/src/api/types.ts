/** Names of the console for what the REST API answers; the shapes are the server's own. */

import type { components } from '@shared/api/schema'

type Schemas = components['schemas']

export type SignIn = Schemas['SignInStep']
export type Agent = Schemas['AgentView']
export type AgentLanguage = Schemas['LanguageView']
export type Role = Schemas['Role']
export type Team = Schemas['TeamView']
export type ConversationDetail = Schemas['Detail']
export type RowPage = Schemas['Page']
export type AuditEntry = Schemas['AuditView']
