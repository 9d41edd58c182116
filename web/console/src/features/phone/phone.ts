/** The phone of this tab: one for the page. Joins the line, the sound and what the server says. */

import { shallowRef, watch } from 'vue'
import { asProblem } from '@/api/problem'
import { acts, addDevice, readPhone, type Mode } from './api'
import type { SipLine } from './line'
import { answersItself, NOTHING, step, troubleOf, type Happening, type Tab, type Trouble } from './machine'
import { choice, hear, look, microphone, quiet, release } from './sound'

const STORED = 'hf-phone'
const READY_WITHIN = 15_000
// An answered call rings here within some hundred ms; a caller who has left meanwhile never does.
const COMES_WITHIN = 10_000
const AGAIN_AFTER = [1000, 2000, 5000, 10_000]
/** Closings of our proxy (docs/operations/voice.md) after which these credentials are worth nothing. */
const WORTHLESS = new Set([4401, 4403])
const ELSEWHERE = 4409

export const tab = shallowRef<Tab>(NOTHING)
export const stream = shallowRef<MediaStream | null>(null)
let line: SipLine | null = null
let generation = 0
let failures = 0
let again: ReturnType<typeof setTimeout> | undefined
let lookAgain: (() => void) | null = null

const happen = (event: Happening): Tab => (tab.value = step(tab.value, event))

/** The phone is to be on whenever this computer's console is open. */
export const isWanted = (): boolean => localStorage.getItem(STORED) === 'on'

function unable(): Trouble | null {
  if (!isSecureContext) return 'insecure'
  return 'RTCPeerConnection' in window && navigator.mediaDevices ? null : 'unsupported'
}

/** By a click, so that the browser may ask; or when the page is loaded and the microphone was allowed before. */
export async function turnOn(): Promise<void> {
  happen({ t: 'turn_on' })
  if (tab.value.line.state !== 'asking') return
  const why = unable()
  if (why) return void happen({ t: 'trouble', why })
  try {
    release(await microphone())
  } catch (error) {
    return void happen({ t: 'trouble', why: troubleOf((error as DOMException).name) })
  }
  localStorage.setItem(STORED, 'on')
  happen({ t: 'allowed' })
  void look()
  await connect()
}

/** After a reload: at once and without a question, so that what rings goes on ringing here. */
export async function resume(): Promise<void> {
  if (!isWanted() || unable()) return
  const asked = await navigator.permissions.query({ name: 'microphone' as PermissionName }).catch(() => null)
  if (asked?.state === 'granted') await turnOn()
}

export function turnOff(): void {
  localStorage.setItem(STORED, 'off')
  shut()
}

/** Signing out, or the page goes. */
export function shut(): void {
  generation += 1
  clearTimeout(again)
  line?.close()
  line = null
  forget()
  happen({ t: 'turn_off' })
}

function forget(): void {
  quiet()
  void hear(null)
  release(stream.value)
  stream.value = null
}

/** One-off credentials, then the line; `ready` comes with a frame on the console's socket. */
async function connect(): Promise<void> {
  const mine = (generation += 1)
  const current = () => mine === generation
  try {
    const [device, { openLine }] = await Promise.all([addDevice(), import('./line')])
    if (!current()) return
    happen({ t: 'device', name: device.name })
    if (!(await known(device.name, current))) throw new Error('the engine does not know the device')
    if (!current()) return
    const url = new URL('/ws/phone', location.href)
    url.protocol = url.protocol.replace('http', 'ws')
    url.searchParams.set('device', device.name)
    line?.close()
    line = openLine(url.href, device.name, device.password, {
      registered() {
        failures = 0
        happen({ t: 'registered' })
      },
      lost(code) {
        if (!current()) return
        happen({ t: 'lost' })
        if (code === ELSEWHERE) return stopFor('elsewhere')
        if (code !== undefined && WORTHLESS.has(code)) tryAgain()
      },
      refused: () => current() && tryAgain(),
      invited,
      confirmed: () => void happen({ t: 'confirmed' }),
      ended() {
        forget()
        happen({ t: 'ended' })
      },
      sound: (voice) => void hear(voice),
    })
  } catch (error) {
    if (!current()) return
    const { status } = asProblem(error)
    if (status === 403 || status === 401 || status === 409) return stopFor('refused')
    tryAgain()
  }
}

async function known(name: string, current: () => boolean): Promise<boolean> {
  const until = Date.now() + READY_WITHIN
  while (current() && Date.now() < until) {
    const { devices } = await readPhone()
    if (devices.some((device) => device.name === name && device.ready)) return true
    await new Promise<void>((done) => {
      lookAgain = done
      setTimeout(done, 1000)
    })
  }
  return false
}
/** A frame said that the phone has changed. */
export const changed = (): void => lookAgain?.()

function stopFor(why: Trouble): void {
  generation += 1
  line?.close()
  line = null
  forget()
  happen({ t: 'trouble', why })
}

/** With new credentials. After four times the bar says so, and goes on trying. */
function tryAgain(): void {
  generation += 1
  line?.close()
  line = null
  const pause = AGAIN_AFTER[Math.min(failures, AGAIN_AFTER.length - 1)]
  failures += 1
  clearTimeout(again)
  if (failures >= AGAIN_AFTER.length) happen({ t: 'trouble', why: 'no_engine' })
  again = setTimeout(() => {
    if (tab.value.line.state === 'off') return
    happen({ t: 'turn_on' })
    happen({ t: 'allowed' })
    void connect()
  }, pause)
}

// Calls ---------------------------------------------------------------------------------------------------------------

function invited(call: string): void {
  const atOnce = answersItself(tab.value, call)
  happen({ t: 'invited', call })
  if (atOnce) pickUp()
}

function pickUp(): void {
  if (!stream.value || !line) return
  happen({ t: 'answer' })
  quiet()
  line.answer(stream.value)
}

/** Takes the call here. Raises what the server refuses. @returns false when the microphone stood against it */
export async function answer(call: string): Promise<boolean> {
  try {
    stream.value ??= await microphone()
  } catch (error) {
    stopFor(troubleOf((error as DOMException).name))
    return false
  }
  const { session } = tab.value
  if (session.state === 'ringing' && session.call === call) {
    pickUp()
    return true
  }
  return asked(call, (device) => acts.answer(call, device))
}

/** A lead attends a call of somebody else: this tab's phone rings for it, and answers itself. Raises what the server
 * refuses. @returns false when there is no phone here to hear it with */
export async function supervise(call: string, mode: Mode): Promise<boolean> {
  const { session, line: now } = tab.value
  if (now.state !== 'ready' || (session.state === 'up' && session.call === call)) {
    // Already there, or at another of their phones.
    await acts.supervise(call, mode)
    return true
  }
  try {
    stream.value ??= await microphone()
  } catch (error) {
    stopFor(troubleOf((error as DOMException).name))
    return false
  }
  return asked(call, () => acts.supervise(call, mode))
}

/** What rings next for this call was asked for here, and is answered at once. */
async function asked(call: string, ask: (device: string) => Promise<unknown>): Promise<boolean> {
  const { line: now } = tab.value
  if (now.state !== 'ready') return false
  happen({ t: 'want', call })
  try {
    await ask(now.device)
    setTimeout(() => {
      if (tab.value.wanted !== call) return
      happen({ t: 'refused' })
      forget()
    }, COMES_WITHIN)
  } catch (error) {
    happen({ t: 'refused' })
    forget()
    throw error
  }
  return true
}

/** At once, also when the server is away; then the server only hears of it. */
export async function hangUp(call: string): Promise<void> {
  const here = tab.value.session.state !== 'none' && tab.value.session.call === call
  if (here) line?.hangUp()
  else await acts.hangUp(call)
}
/** Does not take what rings here. */
export function refuse(): void {
  if (tab.value.session.state === 'ringing') line?.hangUp()
}

/** Sound stops leaving this computer before the server knows. */
export async function mute(call: string, on: boolean): Promise<void> {
  happen({ t: 'mute', on })
  for (const track of stream.value?.getAudioTracks() ?? []) track.enabled = !on
  await acts.mute(call, on)
}

watch(() => choice.microphone, async () => {
  if (!stream.value || !line) return
  const before = stream.value
  const fresh = await microphone().catch(() => null)
  if (!fresh) return
  for (const track of fresh.getAudioTracks()) track.enabled = !tab.value.muted
  await line.replace(fresh)
  stream.value = fresh
  release(before)
})
