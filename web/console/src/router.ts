import type { QueryClient } from '@tanstack/vue-query'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { asProblem } from '@/api/problem'
import { api } from '@/features/session/api'
import { asLanguage, languageUnchosen, setLanguage } from '@/i18n'
import { keys } from '@/live/cache'
import { startLive } from '@/live/live'

declare module 'vue-router' {
  interface RouteMeta {
    /** may be seen without being signed in */
    open?: boolean
    /** one of these roles is needed; the server checks as well */
    roles?: string[]
    /** key of the title in the catalogues */
    title: string
  }
}

const inbox = () => import('@/features/conversations/InboxView.vue')
const routes: RouteRecordRaw[] = [
  { path: '/sign-in', name: 'sign-in', component: () => import('@/features/session/SignInView.vue'), meta: { open: true, title: 'session.signIn' } },
  { path: '/forgotten', name: 'forgotten', component: () => import('@/features/session/ForgottenView.vue'), meta: { open: true, title: 'session.forgotten' } },
  { path: '/reset/:token', name: 'reset', component: () => import('@/features/session/ResetView.vue'), props: true, meta: { open: true, title: 'session.newPassword' } },
  { path: '/invitation/:token', name: 'invitation', component: () => import('@/features/session/InvitationView.vue'), props: true, meta: { open: true, title: 'session.welcome' } },
  { path: '/enrol', name: 'enrol', component: () => import('@/features/session/EnrolView.vue'), meta: { title: 'session.enrol' } },
  {
    path: '/',
    component: () => import('@/shell/ShellView.vue'),
    meta: { title: 'shell.inbox' },
    children: [
      { path: '', redirect: '/inbox' },
      { path: 'inbox', name: 'inbox', component: inbox, meta: { title: 'shell.inbox' } },
      { path: 'inbox/:id', name: 'conversation', component: inbox, meta: { title: 'shell.inbox' } },
      { path: 'inbox/:id/promises', name: 'ledger', component: () => import('@/features/promises/LedgerView.vue'), props: true, meta: { title: 'promises.ledger' } },
      { path: 'people', name: 'people', component: () => import('@/features/people/PeopleView.vue'), meta: { title: 'shell.people' } },
      { path: 'people/teams', name: 'teams', component: () => import('@/features/people/TeamsView.vue'), meta: { title: 'people.teams' } },
      { path: 'people/invitations', name: 'invitations', component: () => import('@/features/people/InvitationsView.vue'), meta: { title: 'people.invitations', roles: ['administrator'] } },
      { path: 'people/:id', name: 'agent', component: () => import('@/features/people/AgentView.vue'), props: true, meta: { title: 'shell.people' } },
      { path: 'authenticity', name: 'channels', component: () => import('@/features/authenticity/ChannelsView.vue'), meta: { title: 'authenticity.channels' } },
      { path: 'authenticity/impostors', name: 'impostors', component: () => import('@/features/authenticity/ImpostorsView.vue'), meta: { title: 'authenticity.impostors', roles: ['lead', 'emergency_agent', 'auditor'] } },
      { path: 'authenticity/impostors/:id', name: 'impostor', component: () => import('@/features/authenticity/ImpostorView.vue'), props: true, meta: { title: 'authenticity.impostors', roles: ['lead', 'emergency_agent', 'auditor'] } },
      { path: 'audit', name: 'audit', component: () => import('@/features/audit/AuditView.vue'), meta: { title: 'shell.audit', roles: ['auditor', 'administrator'] } },
      { path: 'audit/seals', name: 'seals', component: () => import('@/features/audit/SealsView.vue'), meta: { title: 'audit.seals', roles: ['auditor', 'administrator'] } },
      { path: 'alarms', name: 'alarms', component: () => import('@/features/audit/AlarmsView.vue'), meta: { title: 'shell.alarms', roles: ['auditor', 'lead'] } },
      { path: 'webhooks', name: 'webhooks', component: () => import('@/features/webhooks/WebhooksView.vue'), meta: { title: 'shell.webhooks', roles: ['administrator'] } },
      { path: 'rules', name: 'rules', component: () => import('@/features/automation/RulesView.vue'), meta: { title: 'shell.rules', roles: ['lead', 'administrator'] } },
      { path: 'figures', name: 'figures', component: () => import('@/features/figures/FiguresView.vue'), meta: { title: 'figures.title', roles: ['lead', 'administrator'] } },
      { path: 'board', name: 'board', component: () => import('@/features/figures/BoardView.vue'), meta: { title: 'figures.board', roles: ['lead', 'administrator'] } },
      { path: 'on-call', name: 'on-call', component: () => import('@/features/paging/OnCallView.vue'), meta: { title: 'paging.page.on-call', roles: ['agent', 'emergency_agent', 'lead', 'administrator'] } },
      { path: 'on-call/rotas', name: 'rotas', component: () => import('@/features/paging/RotasView.vue'), meta: { title: 'paging.page.rotas', roles: ['agent', 'emergency_agent', 'lead', 'administrator'] } },
      { path: 'on-call/contacts', name: 'contacts', component: () => import('@/features/paging/ContactsView.vue'), meta: { title: 'paging.page.contacts', roles: ['agent', 'emergency_agent', 'lead', 'administrator'] } },
      { path: 'technical', name: 'technical', component: () => import('@/features/technical/CasesView.vue'), meta: { title: 'technical.page.technical', roles: ['agent', 'emergency_agent', 'lead'] } },
      { path: 'technical/problems', name: 'known-problems', component: () => import('@/features/technical/ProblemsView.vue'), meta: { title: 'technical.page.known-problems', roles: ['agent', 'emergency_agent', 'lead'] } },
      { path: 'technical/cases/:id', name: 'technical-case', component: () => import('@/features/technical/CaseView.vue'), props: true, meta: { title: 'technical.case', roles: ['agent', 'emergency_agent', 'lead'] } },
      { path: 'tracker', name: 'tracker', component: () => import('@/features/technical/TrackerView.vue'), meta: { title: 'technical.page.tracker', roles: ['administrator'] } },
      { path: 'mail', name: 'mail', component: () => import('@/features/mail/MailHealthView.vue'), meta: { title: 'shell.mail', roles: ['administrator', 'lead'] } },
      { path: 'quarantine', name: 'quarantine', component: () => import('@/features/mail/QuarantineView.vue'), meta: { title: 'shell.quarantine', roles: ['agent', 'emergency_agent', 'lead'] } },
      { path: 'calls', name: 'calls', component: () => import('@/features/calls/CallsView.vue'), meta: { title: 'calls.page.calls', roles: ['agent', 'emergency_agent', 'lead'] } },
      { path: 'calls/lines', name: 'lines', component: () => import('@/features/calls/LinesView.vue'), meta: { title: 'calls.page.lines', roles: ['lead', 'administrator'] } },
      { path: 'calls/menus', name: 'menus', component: () => import('@/features/calls/MenusView.vue'), meta: { title: 'calls.page.menus', roles: ['lead', 'administrator'] } },
      { path: 'calls/blocked', name: 'blocked-numbers', component: () => import('@/features/calls/BlockedView.vue'), meta: { title: 'calls.page.blocked-numbers', roles: ['lead', 'administrator'] } },
      { path: 'promises', name: 'policies', component: () => import('@/features/promises/PoliciesView.vue'), meta: { title: 'promises.policies', roles: ['lead', 'administrator', 'auditor'] } },
      { path: 'privacy', name: 'privacy', component: () => import('@/features/privacy/RequestsView.vue'), meta: { title: 'privacy.page.privacy', roles: ['auditor', 'administrator'] } },
      { path: 'privacy/retention', name: 'retention', component: () => import('@/features/privacy/RetentionView.vue'), meta: { title: 'privacy.page.retention', roles: ['auditor', 'administrator'] } },
      { path: 'privacy/purposes', name: 'purposes', component: () => import('@/features/verification/PurposesView.vue'), meta: { title: 'privacy.page.purposes', roles: ['auditor', 'administrator'] } },
      { path: 'privacy/reviews', name: 'reviews', component: () => import('@/features/privacy/ReviewsView.vue'), meta: { title: 'privacy.page.reviews', roles: ['auditor', 'administrator'] } },
      { path: 'privacy/reviews/:id', name: 'review', component: () => import('@/features/privacy/ReviewView.vue'), props: true, meta: { title: 'privacy.page.reviews', roles: ['auditor', 'administrator'] } },
      { path: 'not-allowed', name: 'not-allowed', component: () => import('@/shell/NotAllowedView.vue'), meta: { title: 'shell.notAllowed' } },
      { path: 'account', name: 'account', component: () => import('@/features/session/AccountView.vue'), meta: { title: 'shell.account' } },
      { path: ':rest(.*)*', name: 'nowhere', component: () => import('@/shell/NowhereView.vue'), meta: { title: 'shell.nowhere' } },
    ],
  },
]

export function makeRouter(client: QueryClient) {
  const router = createRouter({ history: createWebHistory('/console/'), routes })
  router.beforeEach(async (to) => {
    if (to.meta.open) return true
    try {
      const me = await client.ensureQueryData({ queryKey: keys.me, queryFn: api.me, staleTime: Infinity, retry: 1 })
      const language = asLanguage(me.interface_language)
      if (language && languageUnchosen()) setLanguage(language)
      if (me.must_enrol) return to.name === 'enrol' ? true : { name: 'enrol' }
      startLive(client, me)
      const roles = to.meta.roles
      if (roles && !roles.some((role) => (me.roles as string[]).includes(role))) return { name: 'not-allowed', query: { roles: roles.join() } }
      return true
    } catch (error) {
      // Not signed in, or the server is away: both are said on the sign-in page, which then comes back here.
      const down = asProblem(error).status !== 401
      return { name: 'sign-in', query: { next: to.fullPath === '/inbox' ? undefined : to.fullPath, down: down ? '1' : undefined } }
    }
  })
  return router
}
