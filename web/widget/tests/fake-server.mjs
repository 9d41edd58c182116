// A stand-in for the server's widget part, for pictures and browser tests: `node tests/fake-server.mjs [port]`.
// It keeps everything in memory, serves dist/ under /widget/ and pages under /page/, all with the strict CSP.
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { WebSocketServer } from 'ws'

const TYPES = { js: 'text/javascript', html: 'text/html', png: 'image/png' }
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self' ws://localhost:*; base-uri 'none'; frame-ancestors 'none'"

export class FakeServer {
  conversations = new Map() // token -> {token, state, entries, sockets}
  down = false // answers 503 and cuts sockets
  silent = false // stores messages but sends no ack
  forgetful = false // an old key opens nothing any more
  refuse = null // problem id for the next send
  sent = [] // every `send` and create that arrived, repeated ones too
  promise = 5 // minutes
  now = () => new Date()

  async listen(port = 0) {
    this.http = createServer((request, response) => void this.answer(request, response))
    this.sockets = new WebSocketServer({ server: this.http, path: '/ws/widget' })
    this.sockets.on('connection', (socket) => this.connect(socket))
    await new Promise((resolve) => this.http.listen(port, resolve))
    this.url = `http://localhost:${this.http.address().port}`
    return this
  }

  close() {
    for (const socket of this.sockets.clients) socket.terminate()
    this.http.close()
  }

  due() {
    return new Date(this.now().getTime() + this.promise * 60_000).toISOString()
  }

  async answer(request, response) {
    const { pathname } = new URL(request.url, this.url)
    const send = (status, body, type = 'application/json') => {
      response.writeHead(status, {
        'Content-Type': type, 'Content-Security-Policy': CSP, 'Access-Control-Allow-Origin': '*',
        'Access-Control-Allow-Headers': 'authorization, content-type', 'Cache-Control': 'no-store',
      })
      response.end(type === 'application/json' ? JSON.stringify(body) : body)
    }
    const problem = (status, id) => send(status, { type: `urn:holdfast:problem:${id}`, id, title: id, status })
    if (request.method === 'OPTIONS') return send(204, '', 'text/plain')
    if (pathname.startsWith('/widget/')) {
      const file = await readFile(new URL(`../dist/${pathname.slice(8)}`, import.meta.url)).catch(() => null)
      return file ? send(200, file, TYPES[pathname.split('.').pop()]) : problem(404, 'not_found')
    }
    if (pathname === '/page/sheet' || pathname === '/page/full') {
      const query = new URL(request.url, this.url).searchParams
      const mode = pathname === '/page/full' ? 'mode="page"' : ''
      const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Wallet</title><link rel="icon" href="/files/icon.png"><link rel="stylesheet" href="/page/host.css"><script type="module" src="/widget/holdfast-help.js"></script></head><body><main>${mode ? '' : '<h1>Example wallet</h1><button>Before</button>'}<holdfast-help ${mode} inbox="demo" lang="${query.get('lang') ?? 'en'}" theme="${query.get('theme') ?? 'light'}"></holdfast-help></main></body></html>`
      return send(200, page, 'text/html')
    }
    if (pathname === '/page/host.css') return send(200, 'html,body{height:100%;margin:0;background:#e4e8ee}main{height:100%}', 'text/css')
    if (pathname.endsWith('.png')) return send(200, await readFile(new URL('./fixtures/picture.png', import.meta.url)), 'image/png')
    if (this.down) return problem(503, 'unavailable')
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    if (pathname === '/api/widget/attachments') {
      const token = request.headers.authorization?.slice(7)
      if (!this.conversations.has(token)) return problem(401, 'token_invalid')
      const body = Buffer.concat(chunks)
      if (body.length > 1_000_000) return problem(413, 'attachment_too_large')
      const name = /filename="([^"]*)"/.exec(body.toString('latin1'))?.[1] ?? 'file'
      const picture = name.endsWith('.png')
      return send(200, { id: randomUUID(), name, type: picture ? 'image/png' : 'application/pdf', size: body.length, width: picture ? 320 : null, height: picture ? 180 : null, url: `${this.url}/files/${name}` })
    }
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}')
    const conversation = this.conversations.get(body.token)
    switch (pathname) {
      case '/api/widget/start':
        return send(200, {
          inbox: { name: '', languages: ['en', 'zh-Hans', 'zh-Hant', 'ja', 'ko', 'ar', 'de', 'es', 'th'] },
          customer: null, promise: { due: this.due() }, open: true,
          conversations: [...this.conversations.values()].filter(({ token }) => body.tokens.includes(token)).reverse().map((held) => {
            const said = held.entries.filter((entry) => entry.kind === 'public')
            const unread = said.filter((entry) => entry.from === 'agent' && entry.seq > held.state.read.customer).length
            return { token: held.token, state: held.state, preview: said.at(-1)?.b ?? '', last_at: held.entries.at(-1).at, unread }
          }),
        })
      case '/api/widget/conversations': {
        this.sent.push(body)
        const before = [...this.conversations.values()].find((held) => held.key === body.k)
        if (before && this.forgetful) return problem(409, 'key_used')
        if (before) return send(200, { token: before.token, state: before.state, entry: { ...before.first, k: body.k } })
        const made = this.begin(body)
        return send(200, { token: made.token, state: made.state, entry: { ...made.first, k: body.k } })
      }
      case '/api/widget/emergency':
        if (!conversation) return problem(401, 'token_invalid')
        conversation.state.emergency = true
        this.system(conversation, { type: 'emergency' })
        this.state(conversation)
        return send(200, { state: conversation.state })
      case '/api/widget/rating':
        conversation.state.can_rate = null
        this.system(conversation, { type: 'rated' })
        return send(200, { state: conversation.state })
      case '/api/widget/language':
        return conversation ? send(200, { state: conversation.state }) : problem(401, 'token_invalid')
      default:
        return problem(404, 'not_found')
    }
  }

  begin({ k, b, language, emergency }) {
    const conversation = {
      token: randomUUID(), entries: [], sockets: new Set(),
      state: {
        id: randomUUID(), reference: 'HF-7K3M-92', category: 'open', emergency, language, episode: 1, agent: null,
        promise: { due: this.due() }, answered_at: null, read: { agent: 0, customer: 0 }, can_rate: null, seq: 0, position: emergency ? 1 : 3, update: null,
      },
    }
    this.conversations.set(conversation.token, conversation)
    this.system(conversation, { type: 'opened' })
    conversation.first = this.entry(conversation, { from: 'customer', b, lang: language })
    conversation.key = k
    return conversation
  }

  entry(conversation, { from, b = '', k = null, lang = null, att = [], ev = null, kind = 'public', red, at }) {
    const entry = { seq: ++conversation.state.seq, kind, from, by: from === 'agent' ? { id: null, name: 'Ana' } : null, b, at: at ?? this.now().toISOString(), k, lang, att, ev, ...(red ? { red } : {}) }
    const words = /(?:\b[a-z]{3,8}\b\s+){11}\b[a-z]{3,8}\b/.exec(b)
    if (from === 'customer' && words) Object.assign(entry, { b: b.replace(words[0], '[⛔ recovery_phrase·12]'), red: [{ kind: 'recovery_phrase', count: 12 }] })
    conversation.entries.push(entry)
    this.push(conversation, { t: 'msg', e: entry })
    return entry
  }

  system(conversation, ev) {
    return this.entry(conversation, { from: 'system', kind: 'system', ev })
  }

  /** The agent says something. */
  say(conversation, b, more = {}) {
    conversation.state.agent = { name: 'Ana' }
    conversation.state.category = 'waiting'
    conversation.state.answered_at = this.now().toISOString()
    conversation.state.position = null
    const entry = this.entry(conversation, { from: 'agent', b, ...more })
    this.state(conversation)
    return entry
  }

  state(conversation) {
    this.push(conversation, { t: 'state', conv: conversation.state })
  }

  push(conversation, frame) {
    for (const socket of conversation.sockets) socket.send(JSON.stringify(frame))
  }

  cut(code = 1012) {
    for (const socket of this.sockets.clients) socket.close(code)
  }

  connect(socket) {
    if (this.down) return socket.close(1012)
    let conversation = null
    const send = (frame) => socket.send(JSON.stringify(frame))
    socket.on('close', () => conversation?.sockets.delete(socket))
    socket.on('message', (data) => {
      const frame = JSON.parse(data.toString())
      if (frame.t === 'hello') {
        conversation = this.conversations.get(frame.token)
        if (!conversation) return socket.close(4401)
        send({ t: 'ready', conv: conversation.state, seq: conversation.state.seq })
        for (const e of conversation.entries) if (e.seq > frame.since) send({ t: 'msg', e })
        send({ t: 'live' })
        conversation.sockets.add(socket)
      } else if (frame.t === 'ping') {
        send({ t: 'pong' })
      } else if (frame.t === 'read') {
        conversation.state.read.customer = Math.max(conversation.state.read.customer, frame.seq)
        for (const other of conversation.sockets) if (other !== socket) other.send(JSON.stringify({ t: 'read', by: 'customer', seq: frame.seq }))
      } else if (frame.t === 'send') {
        this.sent.push(frame)
        if (this.refuse) {
          send({ t: 'nack', k: frame.k, problem: { id: this.refuse, status: 422 } })
          this.refuse = null
          return
        }
        const before = conversation.entries.find((entry) => entry.k === frame.k)
        if (before) return send({ t: 'ack', k: frame.k, seq: before.seq, at: before.at })
        if (conversation.state.category === 'resolved') {
          conversation.state.can_rate = null
          this.system(conversation, { type: 'reopened' })
        }
        Object.assign(conversation.state, { category: 'open', promise: { due: this.due() } })
        const att = (frame.att ?? []).map((id) => ({ id, name: 'screen.png', type: 'image/png', size: 1, width: 320, height: 180, url: `${this.url}/files/screen.png` }))
        const entry = this.entry(conversation, { from: 'customer', b: frame.b, k: frame.k, att })
        if (!this.silent) send({ t: 'ack', k: frame.k, seq: entry.seq, at: entry.at })
        this.state(conversation)
      }
    })
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = await new FakeServer().listen(Number(process.argv[2] ?? 8499))
  console.log(`${server.url}/page/sheet and ${server.url}/page/full`)
}
