import { describe, expect, it } from 'vitest'
import { answersItself, bar, may, NOTHING, step, troubleOf, type Call, type Happening, type Leg, type Phone, type Tab } from '@/features/phone/machine'

const ME = 'me'
const NOW = Date.parse('2026-03-01T12:00:00Z')
const leg = (change: Partial<Leg> = {}): Leg => ({ agent: { id: ME, name: 'Ann', erased: false }, role: 'agent', state: 'ringing', device: 'tab-1', muted: false, since: '2026-03-01T11:59:50Z', mode: '', ...change })
const call = (change: Partial<Call> = {}): Call => ({
  id: 'one', conversation: 'c1', direction: 'in', language: 'en', emergency: false, stage: 'waiting', outcome: null, started_at: '2026-03-01T11:59:00Z',
  answered_at: null, ended_at: null, wrap_until: null, held: false, asks: false, keypad: true, captions: '', legs: [], fault: null, ...change,
})
const phone = (...calls: Call[]): Phone => ({ state: 'ready', devices: [], calls })
const after = (...events: Happening[]): Tab => events.reduce(step, NOTHING)
const READY: Happening[] = [{ t: 'turn_on' }, { t: 'allowed' }, { t: 'device', name: 'tab-1' }, { t: 'registered' }]

describe('the line', () => {
  it('is ready after permission, a device and the registration', () => {
    expect(after({ t: 'turn_on' }).line).toEqual({ state: 'asking' })
    expect(after(...READY).line).toEqual({ state: 'ready', device: 'tab-1' })
    expect(after({ t: 'registered' }).line).toEqual({ state: 'off' })
  })
  it('says why it is not, and begins again by a click', () => {
    const broken = after({ t: 'turn_on' }, { t: 'trouble', why: 'denied' })
    expect(broken.line).toEqual({ state: 'broken', why: 'denied' })
    expect(step(broken, { t: 'turn_on' }).line.state).toBe('asking')
    expect(after({ t: 'turn_on' }, { t: 'turn_off' }, { t: 'trouble', why: 'denied' })).toEqual(NOTHING)
  })
  it('lost: what rang is gone, a talk goes on', () => {
    expect(after(...READY, { t: 'invited', call: 'one' }, { t: 'lost' })).toMatchObject({ line: { state: 'connecting' }, session: { state: 'none' } })
    const talking = after(...READY, { t: 'invited', call: 'one' }, { t: 'answer' }, { t: 'confirmed' }, { t: 'lost' }, { t: 'registered' })
    expect(talking).toMatchObject({ line: { state: 'ready' }, session: { state: 'up', call: 'one' } })
  })
  it('names what stands against the microphone', () => {
    expect(['NotAllowedError', 'NotFoundError', 'OverconstrainedError', 'NotReadableError'].map(troubleOf)).toEqual(['denied', 'no_microphone', 'no_microphone', 'microphone_busy'])
  })
})

describe('a session', () => {
  it('that was asked for here is answered at once, another is not', () => {
    const wanting = after(...READY, { t: 'want', call: 'one' })
    expect([answersItself(wanting, 'one'), answersItself(wanting, 'two'), answersItself(after(...READY), 'one')]).toEqual([true, false, false])
    expect(step(step(wanting, { t: 'invited', call: 'one' }), { t: 'answer' })).toMatchObject({ wanted: null, session: { state: 'answering' } })
  })
  it('comes one at a time', () => {
    const first = after(...READY, { t: 'invited', call: 'one' })
    expect(step(first, { t: 'invited', call: 'two' })).toBe(first)
    expect(step(first, { t: 'want', call: 'two' })).toBe(first)
  })
  it('is muted only while it is up, and the next begins unmuted', () => {
    const up = after(...READY, { t: 'invited', call: 'one' }, { t: 'answer' }, { t: 'confirmed' })
    expect(step(after(...READY), { t: 'mute', on: true }).muted).toBe(false)
    expect(step(step(up, { t: 'mute', on: true }), { t: 'ended' })).toMatchObject({ muted: false, session: { state: 'none' } })
  })
  it('confirmed without an answer means nothing', () => {
    expect(after(...READY, { t: 'confirmed' }).session.state).toBe('none')
  })
})

describe('the bar', () => {
  const ready = after(...READY)
  it('shows the line when nothing is to do', () => {
    expect(bar(NOTHING, undefined, ME, NOW)).toEqual({ show: 'off' })
    expect(bar(ready, phone(), ME, NOW)).toEqual({ show: 'ready' })
  })
  it('rings for what is offered and for what rings at a device; an emergency first', () => {
    const offered = call()
    const emergency = call({ id: 'sos', emergency: true, started_at: '2026-03-01T11:59:30Z', legs: [leg()] })
    expect(bar(ready, phone(offered), ME, NOW)).toMatchObject({ show: 'ringing', call: { id: 'one' }, here: true })
    expect(bar(NOTHING, phone(offered), ME, NOW)).toMatchObject({ show: 'ringing', here: false })
    expect(bar(ready, phone(offered, emergency), ME, NOW)).toMatchObject({ show: 'ringing', call: { id: 'sos' } })
    expect(bar(ready, phone(call({ stage: 'talking', legs: [leg({ role: 'consult' })] })), ME, NOW)).toMatchObject({ show: 'ringing', role: 'consult' })
  })
  it('does not ring for what rings at somebody else', () => {
    expect(bar(ready, phone(call({ stage: 'connecting', legs: [leg({ agent: { id: 'ben', name: 'Ben', erased: false } })] })), ME, NOW)).toEqual({ show: 'ready' })
  })
  it('stops ringing when another tab has answered, and shows the talk there', () => {
    const talk = call({ stage: 'talking', legs: [leg({ state: 'up', device: 'tab-2' })] })
    expect(bar(ready, phone(talk), ME, NOW)).toMatchObject({ show: 'talking', here: false })
  })
  it('joins between the answer and the connection', () => {
    expect(bar(after(...READY, { t: 'want', call: 'one' }), phone(call()), ME, NOW)).toMatchObject({ show: 'joining' })
  })
  it('a talk goes before a ring; whom one asks is shown', () => {
    const asked = leg({ agent: { id: 'ben', name: 'Ben', erased: false }, role: 'consult' })
    const talk = call({ stage: 'talking', legs: [leg({ state: 'up' }), asked] })
    expect(bar(ready, phone(call({ id: 'two' }), talk), ME, NOW)).toMatchObject({ show: 'talking', consult: { agent: { id: 'ben' } } })
  })
  it('counts the wrap-up down, and is ready after it', () => {
    const over = call({ stage: 'over', wrap_until: '2026-03-01T12:00:30Z' })
    expect(bar(ready, phone(over), ME, NOW)).toMatchObject({ show: 'wrap', until: NOW + 30_000 })
    expect(bar(ready, phone(over), ME, NOW + 30_000)).toEqual({ show: 'ready' })
  })
})

describe('what may be done', () => {
  const talk = call({ stage: 'talking' })
  const asked = leg({ role: 'consult', state: 'up' })
  it('by whoever leads the talk', () => {
    expect(may(leg({ state: 'up' }), talk, null)).toEqual({ hold: true, keys: true, pass: true, askCode: true, conference: false, handOver: false, endConsult: false })
  })
  it('nothing but one’s own sound by who was asked', () => {
    expect(Object.values(may(asked, talk, null)).some(Boolean)).toBe(false)
  })
  it('with a colleague: together, hand over, back', () => {
    expect(may(leg({ state: 'up' }), { ...talk, held: true }, asked)).toMatchObject({ hold: false, pass: false, conference: true, handOver: true, endConsult: true })
    expect(may(leg({ state: 'up' }), { ...talk, held: true }, { ...asked, state: 'ringing' })).toMatchObject({ conference: false, handOver: false, endConsult: true })
  })
})
