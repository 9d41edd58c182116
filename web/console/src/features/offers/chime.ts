/** The sound of an offer, made here: two soft notes, or three higher ones for an emergency. No file, no download. */

let context: AudioContext | null = null

// A browser lets a page sound only after the person has touched it once.
const unlock = () => {
  context ??= new AudioContext()
  if (context.state === 'suspended') void context.resume()
}
addEventListener('pointerdown', unlock, { once: true })
addEventListener('keydown', unlock, { once: true })

export function chime(emergency: boolean): void {
  if (context?.state !== 'running') return
  const notes = emergency ? [880, 1174.7, 880] : [587.3, 784]
  const from = context.currentTime
  notes.forEach((frequency, place) => {
    const tone = context!.createOscillator()
    const volume = context!.createGain()
    const start = from + place * 0.17
    tone.type = 'sine'
    tone.frequency.value = frequency
    volume.gain.setValueAtTime(0, start)
    volume.gain.linearRampToValueAtTime(0.18, start + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.32)
    tone.connect(volume).connect(context!.destination)
    tone.start(start)
    tone.stop(start + 0.35)
  })
}
