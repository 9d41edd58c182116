/** Plays a recording from memory: nothing of it has an address, and none of it is left when it is closed. */

import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { seconds, type Wave } from './wave'

export function useSound() {
  const wave = shallowRef<Wave | null>(null)
  const playing = ref(false)
  const at = ref(0)
  const length = computed(() => (wave.value ? seconds(wave.value) : 0))
  let context: AudioContext | null = null
  let source: AudioBufferSourceNode | null = null
  let begun = 0
  let frame = 0

  function follow(): void {
    if (!playing.value || !context) return
    at.value = Math.min(length.value, context.currentTime - begun)
    frame = requestAnimationFrame(follow)
  }
  function halt(): void {
    cancelAnimationFrame(frame)
    if (source) source.onended = null
    source?.stop()
    source = null
    playing.value = false
  }
  function play(): void {
    const sound = wave.value
    if (!sound) return
    halt()
    if (at.value >= length.value) at.value = 0
    context ??= new AudioContext()
    // A tab that nothing was clicked in is kept silent; here something was.
    void context.resume()
    const buffer = context.createBuffer(1, sound.samples.length, sound.rate)
    buffer.getChannelData(0).set(Float32Array.from(sound.samples, (one) => one / 0x8000))
    source = context.createBufferSource()
    source.buffer = buffer
    source.connect(context.destination)
    source.onended = () => {
      halt()
      at.value = length.value
    }
    begun = context.currentTime - at.value
    source.start(0, at.value)
    playing.value = true
    follow()
  }
  function seek(to: number): void {
    const went = playing.value
    halt()
    at.value = Math.min(Math.max(to, 0), length.value)
    if (went) play()
  }
  function close(): void {
    halt()
    void context?.close()
    context = null
    wave.value = null
    at.value = 0
  }
  onScopeDispose(close)
  return { wave, playing, at, length, open: (sound: Wave) => { close(); wave.value = sound }, play, pause: halt, seek, close }
}
