/** Microphone, speaker and bell: which ones, how loud, and the ringing itself, made here without a file. */

import { reactive, ref, watch } from 'vue'

const STORED = 'hf-phone-sound'
export interface Choice {
  /** device ids; empty: what the system uses */
  microphone: string
  speaker: string
  bell: string
}
const held = (() => {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? '{}') as Partial<Choice>
  } catch {
    return {}
  }
})()
export const choice = reactive<Choice>({ microphone: held.microphone ?? '', speaker: held.speaker ?? '', bell: held.bell ?? '' })
watch(choice, (now) => localStorage.setItem(STORED, JSON.stringify(now)))

export const microphones = ref<MediaDeviceInfo[]>([])
export const speakers = ref<MediaDeviceInfo[]>([])
/** Names are told only after the microphone was allowed once. */
export async function look(): Promise<void> {
  const all = await navigator.mediaDevices.enumerateDevices()
  microphones.value = all.filter((device) => device.kind === 'audioinput' && device.deviceId)
  speakers.value = all.filter((device) => device.kind === 'audiooutput' && device.deviceId)
}

/** The chosen microphone, else another: a headset that was left at home is no reason not to talk. */
export async function microphone(): Promise<MediaStream> {
  const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
  if (!choice.microphone) return navigator.mediaDevices.getUserMedia({ audio })
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { ...audio, deviceId: { exact: choice.microphone } } })
  } catch (error) {
    if (!(error instanceof DOMException) || !['OverconstrainedError', 'NotFoundError'].includes(error.name)) throw error
    return navigator.mediaDevices.getUserMedia({ audio })
  }
}
export const release = (stream: MediaStream | null): void => stream?.getTracks().forEach((track) => track.stop())

// What the other side says --------------------------------------------------------------------------------------------

const voice = new Audio()
voice.autoplay = true
export async function hear(stream: MediaStream | null): Promise<void> {
  voice.srcObject = stream
  if (!stream) return
  await useSpeaker()
  await voice.play().catch(() => undefined)
}
const useSpeaker = async (): Promise<void> => {
  // Not in every browser; without it the system's speaker is used.
  if ('setSinkId' in voice) await voice.setSinkId(choice.speaker).catch(() => undefined)
}
watch(() => choice.speaker, () => void useSpeaker())

// How loud ------------------------------------------------------------------------------------------------------------

const METER_EVERY = 80
/** Tells how loud it is, 0 to 1, until it is stopped. @returns stops */
export function meter(stream: MediaStream, tell: (level: number) => void): () => void {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 512
  context.createMediaStreamSource(stream).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples)
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
    // -60 dB is a quiet room, 0 dB as loud as it can be told.
    tell(Math.min(1, Math.max(0, 1 + Math.log10(power + 1e-9) / 6)))
  }, METER_EVERY)
  return () => {
    clearInterval(timer)
    void context.close()
  }
}

// The bell ------------------------------------------------------------------------------------------------------------

const RING_EVERY = 3000
let bell: ReturnType<typeof setInterval> | undefined
let context: (AudioContext & { setSinkId?: (id: string) => Promise<void> }) | null = null

export async function strike(emergency: boolean): Promise<void> {
  context ??= new AudioContext()
  await context.setSinkId?.(choice.bell).catch(() => undefined)
  // A browser lets a page sound only after the person has touched it once: then the bar alone tells.
  if (context.state === 'suspended') void context.resume()
  if (context.state !== 'running') return
  const tones = emergency ? [880, 1108.7, 880, 1108.7] : [659.3, 523.3, 659.3, 523.3]
  tones.forEach((frequency, place) => {
    const tone = context!.createOscillator()
    const volume = context!.createGain()
    const from = context!.currentTime + place * 0.22
    tone.frequency.value = frequency
    volume.gain.setValueAtTime(0, from)
    volume.gain.linearRampToValueAtTime(0.22, from + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.001, from + 0.2)
    tone.connect(volume).connect(context!.destination)
    tone.start(from)
    tone.stop(from + 0.22)
  })
}
export function ring(emergency: boolean): void {
  clearInterval(bell)
  void strike(emergency)
  bell = setInterval(() => void strike(emergency), RING_EVERY)
}
export const quiet = (): void => clearInterval(bell)
