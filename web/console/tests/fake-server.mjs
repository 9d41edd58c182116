// A stand-in for the server, for pictures and trials without one: sample people, the console's protocol, the built files.
// Every name and number is made up. `node tests/fake-server.mjs [port]`; sign in with any password, code 000000.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { WebSocketServer } from 'ws'
import { agents, audit, conversations, invitations, me, queues, teams, topics, why } from './fake-data.mjs'

const port = Number(process.argv[2] ?? 8429)
const origin = `http://localhost:${port}`
const POLICY = "default-src 'none'; script-src 'self'; style-src-elem 'self' 'unsafe-inline'; style-src-attr 'none'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' }
const now = () => new Date().toISOString()
const after = (s) => new Date(Date.now() + s * 1000).toISOString()

const state = { signedIn: !process.env.FAKE_SIGNED_OUT, presence: { state: 'online', chosen: 'online', since: after(-3600), load: { chat: 2 }, capacity: { chat: 4 } }, offers: [] }
const sockets = new Set()
const all = (frame) => sockets.forEach((socket) => socket.send(JSON.stringify(frame)))
const rows = () => [...conversations.values()].map((held) => held.row)
const counters = () => {
  const open = rows().filter((row) => row.category !== 'resolved')
  const mine = open.filter((row) => row.assignee?.id === me.id)
  return { mine: mine.length, mine_waiting: mine.filter((row) => row.waiting_since).length, queued: open.filter((row) => !row.assignee).length, emergency: open.filter((row) => row.emergency).length, by_queue: {} }
}
function touch(row, change) {
  Object.assign(row, change, { version: row.version + 1 })
  all({ t: 'row', row })
  all({ t: 'counters', counters: counters() })
  return row
}
function append(id, entry) {
  const held = conversations.get(id)
  const full = { seq: held.row.seq + 1, kind: 'system', from: 'agent', by: { id: me.id, name: me.name }, b: '', at: now(), k: null, lang: null, att: [], ev: null, red: [], ...entry }
  held.entries.push(full)
  held.row.seq = full.seq
  all({ t: 'msg', c: id, e: full })
  return full
}
class Refusal extends Error {
  constructor(status, id, title) {
    super(title)
    this.problem = { type: `urn:holdfast:problem:${id}`, id, title, status, detail: '', params: {}, request: 'r1' }
  }
}
const conversation = (id) => conversations.get(id) ?? (() => { throw new Refusal(404, 'conversation_not_found', 'This conversation does not exist, or you may not see it') })()

const routes = [
  ['GET', '/session', () => { if (!state.signedIn) throw new Refusal(401, 'sign_in_required', 'Sign in first'); return me }],
  ['POST', '/session', (_, body) => { if (body.password === 'wrong') throw new Refusal(401, 'sign_in_refused', 'The e-mail address or the password is wrong'); return { state: 'second_factor', methods: ['totp', 'passkey'] } }],
  ['POST', '/session/totp', (_, body) => { if (body.code !== '000000') throw new Refusal(400, 'code_wrong', 'This code is wrong'); state.signedIn = true; return { state: 'signed_in', methods: [] } }],
  ['DELETE', '/session', () => { state.signedIn = false }],
  ['GET', '/sessions', () => [
    { id: 's1', created_at: after(-86400), seen_at: now(), network: '203.0.113.0/24', user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36', current: true },
    { id: 's2', created_at: after(-864000), seen_at: after(-90000), network: '198.51.100.0/24', user_agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/605.1', current: false }]],
  ['GET', '/phone', () => ({ state: 'offline', devices: [], calls: [] })],
  ['GET', '/phone/missed', () => []],
  ['POST', '/password-reset', () => undefined],
  ['GET', '/invitations/:token/view', () => ({ email: 'mei@wallet.example', name: 'Mei Tanaka', organisation: 'Example Wallet' })],
  ['GET', '/me/passkeys', () => [{ id: 'p1', name: 'YubiKey 5', created_at: after(-864000), used_at: after(-3600) }]],
  ['POST', '/me/totp', () => ({ secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', uri: 'otpauth://totp/x', svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h1v1H0zM2 0h2v1H2zM0 2h2v2H0zM3 3h1v1H3z"/></svg>' })],
  ['POST', '/me/totp/confirm', () => ({ recovery_codes: ['7f3k-92mq', 'p4vd-18zt', 'x6ra-55nc', 'k2we-70hb', 'q9js-34ul', 'm1xg-86yo', 'c8tf-27di', 'b5np-63ev'] })],
  ['PATCH', '/me', (_, body) => Object.assign(me, body)],
  ['PUT', '/me/presence', (_, body) => { Object.assign(state.presence, { chosen: body.chosen, state: body.chosen, since: now() }); all({ t: 'presence', presence: state.presence }); return state.presence }],
  ['GET', '/agents', () => agents],
  ['GET', '/agents/:id/rights', () => [
    { skill: 'general', held: true, from: after(-8e6), until: after(2e7), why: [{ id: 'shown', params: { kind: 'attestation', ref: 'general', at: after(-8e6) } }] },
    { skill: 'emergency', held: false, from: null, until: null, why: [{ id: 'missing', params: { kind: 'exam', ref: 'emergency' } }] }]],
  ['GET', '/agents/:id', ({ id }) => agents.find((agent) => agent.id === id)],
  ['PATCH', '/agents/:id', ({ id }, body) => Object.assign(agents.find((agent) => agent.id === id), body)],
  ['GET', '/teams', () => teams],
  ['GET', '/invitations', () => invitations],
  ['GET', '/queues', () => queues],
  ['GET', '/topics', () => topics],
  ['GET', '/audit', () => ({ entries: audit, next: null })],
  ['GET', '/conversations', (_, __, query) => ({ rows: rows().filter((row) => (query.get('view') === 'resolved') === (row.category === 'resolved') && (!query.get('text') || JSON.stringify(row).includes(query.get('text')))), next: null })],
  ['GET', '/conversations/:id', ({ id }) => { const { row, customer, episodes, ratings, earlier } = conversation(id); return { row, customer, episodes, ratings, earlier } }],
  ['GET', '/conversations/:id/timeline', ({ id }) => ({ entries: conversation(id).entries, first: true })],
  ['GET', '/conversations/:id/why', () => why],
  ['POST', '/conversations/:id/take', ({ id }) => { const { row } = conversation(id); append(id, { ev: { type: 'assigned', how: 'taken' } }); return touch(row, { assignee: { id: me.id, name: me.name } }) }],
  ['POST', '/conversations/:id/resolve', ({ id }) => { const { row } = conversation(id); append(id, { ev: { type: 'resolved', episode: 1 } }); return touch(row, { category: 'resolved', resolved_at: now(), next_due: null }) }],
  ['POST', '/conversations/:id/reopen', ({ id }) => { const { row } = conversation(id); append(id, { ev: { type: 'reopened', episode: 2 } }); return touch(row, { category: 'open', resolved_at: null }) }],
  ['POST', '/conversations/:id/release', ({ id }) => { append(id, { ev: { type: 'unassigned', why: 'released' } }); touch(conversation(id).row, { assignee: null }) }],
  ['POST', '/conversations/:id/transfer', ({ id }) => { all({ t: 'gone', c: id }) }],
  ['POST', '/conversations/:id/reveal', () => ({ value: 'lin.haoran88@mail.example', until: after(60) })],
  ['PUT', '/conversations/:id/tags', ({ id }, body) => { append(id, { ev: { type: 'tagged', tags: body.tags } }); return touch(conversation(id).row, { tags: body.tags }) }],
  ['PUT', '/conversations/:id/topic', ({ id }, body) => touch(conversation(id).row, { topic: topics.find((topic) => topic.id === body.topic) })],
  ['PUT', '/conversations/:id/priority', ({ id }, body) => touch(conversation(id).row, { priority: body.priority })],
  ['PUT', '/conversations/:id/language', ({ id }, body) => touch(conversation(id).row, { language: body.language })],
  ['POST', '/offers/:id/accept', ({ id }) => { const offer = state.offers.find((held) => held.id === id); all({ t: 'offer_end', id, outcome: 'accepted' }); append(offer.conversation.id, { ev: { type: 'assigned', how: 'offer' } }); return touch(offer.conversation, { assignee: { id: me.id, name: me.name } }) }],
  ['POST', '/offers/:id/decline', ({ id }) => { all({ t: 'offer_end', id, outcome: 'declined' }) }],
  // Levers for the pictures: things the other side does.
  ['POST', '/fake/offer', () => { const held = [...conversations.values()].find(({ row }) => !row.assignee && row.category === 'open'); const offer = { id: 'o' + Date.now(), conversation: held.row, offered_at: now(), expires_at: after(60), why: [{ id: 'speaks_native', params: { language: 'ja' } }, { id: 'idle_longest', params: { seconds: 420 } }] }; state.offers.push(offer); all({ t: 'offer', offer }) }],
  ['POST', '/fake/cut', () => { sockets.forEach((socket) => socket.close(1012)) }],
  ['POST', '/fake/sign-out', () => { state.signedIn = false }],
  ['POST', '/fake/frame', (_, body) => all(body)],
]

function match(method, path) {
  for (const [verb, pattern, act] of routes) {
    const names = []
    const expression = new RegExp('^' + pattern.replace(/:(\w+)/g, (_, name) => (names.push(name), '([^/]+)')) + '$')
    const found = verb === method && expression.exec(path)
    if (found) return { act, params: Object.fromEntries(names.map((name, i) => [name, found[i + 1]])) }
  }
  return null
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, origin)
  if (!url.pathname.startsWith('/api/')) return serveFile(url.pathname, response)
  let text = ''
  for await (const chunk of request) text += chunk
  const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body))
  const found = match(request.method, url.pathname.slice(4))
  try {
    if (!found) throw new Refusal(404, 'not_found', 'There is nothing here')
    const body = found.act(found.params, request.headers['content-type'] === 'application/json' && text ? JSON.parse(text) : {}, url.searchParams)
    answer(body === undefined ? 204 : 200, body)
  } catch (error) {
    if (!error.problem) throw error
    answer(error.problem.status, error.problem)
  }
})

function serveFile(path, response) {
  const inside = path.replace(/^\/console\/?/, '')
  let file = join('dist', inside)
  if (!existsSync(file) || !statSync(file).isFile()) file = 'dist/index.html'
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY })
  createReadStream(file).pipe(response)
}

const live = new WebSocketServer({ server, path: '/ws/console' })
live.on('connection', (socket) => {
  const say = (frame) => socket.send(JSON.stringify(frame))
  socket.on('close', () => sockets.delete(socket))
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data))
    if (frame.t === 'hello') {
      sockets.add(socket)
      say({ t: 'ready', me })
      say({ t: 'inbox', rows: rows().filter((row) => row.category !== 'resolved'), counters: counters(), offers: [] })
      say({ t: 'presence', presence: state.presence })
    } else if (frame.t === 'ping') say({ t: 'pong' })
    else if (frame.t === 'open') {
      const { row, entries } = conversations.get(frame.c)
      say({ t: 'opened', c: frame.c, seq: row.seq })
      for (const entry of entries) if (entry.seq > frame.since) say({ t: 'msg', c: frame.c, e: entry })
      say({ t: 'live', c: frame.c })
    } else if (frame.t === 'send') {
      if (frame.b.includes('REFUSE')) return say({ t: 'nack', k: frame.k, problem: { id: 'not_assigned', status: 403, title: 'This conversation is not assigned to you' } })
      const seq = append(frame.c, { kind: frame.kind, from: 'agent', b: frame.b, k: frame.k }).seq
      say({ t: 'ack', k: frame.k, seq, at: now() })
      if (frame.kind === 'public') touch(conversations.get(frame.c).row, { preview: frame.b, last_from: 'agent', last_at: now(), waiting_since: null, next_due: null })
    } else if (frame.t === 'read') all({ t: 'read', c: frame.c, by: 'agent', seq: frame.seq })
  })
})
server.listen(port, () => console.log(origin + '/console/'))
