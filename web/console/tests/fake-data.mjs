// Sample people and conversations for the stand-in server. Every name, number and address is made up.
const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString()
const uuid = (n) => `0190a000-0000-7000-8000-${String(n).padStart(12, '0')}`

export const me = {
  id: uuid(1), name: 'Ana Kovač', email: 'ana@wallet.example', roles: ['agent', 'emergency_agent', 'lead', 'administrator'], interface_language: 'en',
  languages: [{ language: 'en', level: 'fluent' }, { language: 'zh-Hans', level: 'native' }], skills: ['general', 'emergency'], second_factor: { totp: true, passkeys: 1 }, must_enrol: false, capacity: { chat: 4 }, demo: true,
}
const person = (n, name, state, languages, roles = ['agent']) => ({
  id: uuid(n), name, email: `${name.split(' ')[0].toLowerCase()}@wallet.example`, roles, languages: languages.map(([language, level]) => ({ language, level })), teams: [uuid(80)],
  capacity: { chat: 4 }, active: true, presence: { state, since: at(-3000) }, created_at: at(-9e6), second_factor: { totp: true, passkeys: 0 },
})
export const agents = [
  person(1, 'Ana Kovač', 'online', [['en', 'fluent'], ['zh-Hans', 'native']], me.roles),
  person(2, 'Mei Tanaka', 'online', [['ja', 'native'], ['zh-Hans', 'fluent'], ['en', 'fluent']]),
  person(3, 'Wei Zhang', 'away', [['zh-Hans', 'native'], ['en', 'translation']], ['agent', 'emergency_agent']),
  person(4, 'Karin Weber', 'offline', [['de', 'native'], ['en', 'fluent']], ['lead', 'trainer']),
]
export const teams = [{ id: uuid(80), name: 'Asia', members: [uuid(1), uuid(2), uuid(3)] }, { id: uuid(81), name: 'Europe', members: [uuid(4)] }]
export const invitations = [{ id: uuid(90), email: 'omar@wallet.example', name: 'Omar Haddad', roles: ['agent'], languages: [{ language: 'ar', level: 'native' }], invited_by: uuid(1), created_at: at(-4000), expires_at: at(600000) }]
export const queues = [
  { id: uuid(50), key: 'general', name: 'General', skill: 'general', emergency: false, answer_seconds: 900 },
  { id: uuid(51), key: 'emergency', name: 'Emergency', skill: 'emergency', emergency: true, answer_seconds: 120 },
]
export const topics = ['Withdrawal pending', 'Transfer not arrived', 'Network fees', 'Backup check', 'Identity check', 'New phone', 'Phrase given away', 'Swap failed'].map((name, i) => ({ id: uuid(60 + i), key: name.toLowerCase().replaceAll(' ', '_'), name }))
export const audit = [
  { id: uuid(200), at: at(-60), actor_kind: 'staff', actor_id: uuid(1), action: 'customer.field_shown', subject_kind: 'contact_point', subject_id: uuid(301), purpose: 'Refund check', network: null, detail: { kind: 'email' } },
  { id: uuid(201), at: at(-300), actor_kind: 'staff', actor_id: uuid(2), action: 'conversation.opened', subject_kind: 'conversation', subject_id: uuid(12), purpose: null, network: null, detail: {} },
  { id: uuid(202), at: at(-3700), actor_kind: 'staff', actor_id: uuid(1), action: 'sign_in.signed_in', subject_kind: 'agent', subject_id: uuid(1), purpose: null, network: '203.0.113.0/24', detail: { factor: 'passkey' } },
]
export const why = {
  decisions: [
    { at: at(-220), chosen: { agent: { id: uuid(3), name: 'Wei Zhang' } }, outcome: 'expired', reasons: [{ id: 'speaks_native', params: { language: 'zh-Hans' } }, { id: 'idle_longest', params: { seconds: 900 } }] },
    { at: at(-150), chosen: { agent: { id: uuid(1), name: 'Ana Kovač' } }, outcome: 'accepted', reasons: [{ id: 'speaks_native', params: { language: 'zh-Hans' } }, { id: 'only_candidate' }] },
  ],
  now: { candidates: [
    { agent: { id: uuid(2), name: 'Mei Tanaka' }, eligible: true, reasons: [{ id: 'speaks_fluent', params: { language: 'zh-Hans' } }] },
    { agent: { id: uuid(3), name: 'Wei Zhang' }, eligible: false, reasons: [{ id: 'away' }, { id: 'declined', params: { at: at(-160) } }] },
    { agent: { id: uuid(4), name: 'Karin Weber' }, eligible: false, reasons: [{ id: 'offline' }, { id: 'lacks_language', params: { language: 'zh-Hans' } }] },
  ] },
}

export const conversations = new Map()
function add(n, name, language, due, topic, preview, more = {}) {
  const row = {
    id: uuid(n), reference: `HF-7K${n}M-92`, customer: { id: uuid(n + 400), name }, language, channel: 'chat', queue: queues[0], topic: topics.find((held) => held.name === topic) ?? null,
    category: 'open', priority: 1, emergency: false, assignee: { id: me.id, name: me.name }, preview, last_from: 'customer', last_at: at(-140), waiting_since: at(-600), next_due: at(due),
    seq: 2, agent_read: 0, customer_read: 0, episode: 1, tags: [], verification: 1, opened_at: at(-7000), resolved_at: null, version: 10, ...more,
  }
  const customer = {
    id: row.customer.id, name, language, proven: row.verification > 1, since: at(-5e7),
    fields: [{ id: uuid(n + 500), kind: 'email', masked: 'l••••@mail.example', proven: true }, { id: uuid(n + 600), kind: 'phone', masked: '+86 ••••• 4417', proven: false }, { id: uuid(n + 700), kind: 'wallet', masked: 'TQn9••••••x7Kd', proven: true }],
    wallet: { app_version: '8.4.1', platform: 'Android 15', local_zone: 'Asia/Shanghai' },
  }
  const entry = (seq, fields) => ({ seq, kind: 'public', from: 'customer', by: null, b: '', at: at(-700 + seq * 60), k: null, lang: null, att: [], ev: null, red: [], ...fields })
  const entries = [entry(1, { kind: 'system', from: 'customer', ev: { type: 'opened', episode: 1 } }), entry(2, { b: preview })]
  conversations.set(row.id, { row, customer, entries, episodes: [{ number: 1, opened_at: row.opened_at, answered_at: null, resolved_at: null }], ratings: [], earlier: [] })
  return { row, entries, entry }
}
add(11, '김도윤 Kim Do-yun', 'ko', 96, 'Phrase given away', '모르는 사람에게 복구 구문을 알려줬어요. 어떡하죠?', { emergency: true, verification: 2, priority: 3, queue: queues[1] })
add(14, 'عمر الحسن Omar Al-Hassan', 'ar', -72, 'Transfer not arrived', 'أرسلت ٣٠٠ دولار أمس ولم تصل حتى الآن')
const lin = add(12, '林浩然 Lin Haoran', 'zh-Hans', 161, 'Withdrawal pending', '好的，谢谢。那我现在需要做什么吗？', { verification: 2, tags: ['tron', 'vip'] })
lin.entries.splice(1, 1,
  lin.entry(2, { b: '你好，我两个小时前提现 2400 USDT 到交易所，一直显示“处理中”。钱还在吗？我很着急，这是要交的学费。', at: at(-86400) }),
  lin.entry(3, { kind: 'system', from: 'agent', by: { id: uuid(3), name: 'Wei Zhang' }, ev: { type: 'assigned', how: 'offer' } }),
  lin.entry(4, { kind: 'system', from: 'agent', by: { id: uuid(3), name: 'Wei Zhang' }, ev: { type: 'transferred', queue: 'General' } }),
  lin.entry(5, { kind: 'system', from: 'agent', by: { id: me.id, name: me.name }, ev: { type: 'assigned', how: 'taken' } }),
  lin.entry(6, { b: '我的助记词是 ［已隐藏］', red: [{ kind: 'recovery_phrase', count: 12 }] }),
  lin.entry(7, { from: 'agent', by: { id: me.id, name: me.name }, b: 'Thank you, Mr Lin. I can see the withdrawal and I am checking it with the network now. Please never send us your recovery phrase; we never need it.' }),
  lin.entry(8, { kind: 'note', from: 'agent', by: { id: uuid(3), name: 'Wei Zhang' }, b: 'The explorer shows the transaction confirmed 13:48. The exchange credits after 19 confirmations. No action on our side.' }),
  lin.entry(9, { b: '好的，谢谢。那我现在需要做什么吗？', att: [{ id: uuid(900), name: '提现截图.pdf', type: 'application/pdf', size: 182400, width: null, height: null, url: '/files/x' }] }))
lin.row.seq = 9
lin.row.agent_read = 6
lin.row.customer_read = 7
add(15, 'Camille Roche', 'fr', 680, 'Network fees', 'Pourquoi 14 € de frais pour envoyer 40 € ?', { channel: 'email' })
add(16, '佐藤美咲 Sato Misaki', 'ja', 1085, 'Backup check', 'バックアップが正しくできたか確認する方法はありますか。', { assignee: null })
add(17, 'พลอย ศรีสุข Ploy S.', 'th', 1510, 'Identity check', 'ยืนยันตัวตนแล้วแต่ยังซื้อเหรียญไม่ได้ค่ะ', { verification: 2, assignee: null })
add(18, null, 'vi', 2520, 'New phone', 'Tôi đổi điện thoại và không thấy tài khoản cũ.', { verification: 0, assignee: { id: uuid(2), name: 'Mei Tanaka' } })
add(19, 'Grace Okafor', 'en', 0, 'Swap failed', 'Could you send the transaction ID? It is safe to share.', { waiting_since: null, next_due: null, last_from: 'agent', verification: 2 })
add(20, 'Diego Ferreira', 'pt', 0, null, 'Obrigado, resolvido.', { category: 'resolved', waiting_since: null, next_due: null, resolved_at: at(-4000), verification: 3 })
conversations.get(uuid(12)).earlier = [conversations.get(uuid(20)).row]
conversations.get(uuid(12)).ratings = [{ episode: 1, solved: 'partly', words: '很快，但是有点复杂', at: at(-9e5) }]
