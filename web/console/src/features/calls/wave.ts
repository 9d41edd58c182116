/** A recording's sound as numbers: read from a WAV file, and what a waveform shows of it. No browser in here. */

export interface Wave {
  /** samples a second */
  rate: number
  samples: Int16Array
}

const ascii = (view: DataView, at: number) => String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3))

/** 16-bit PCM of one voice, as the engine records. Raises RangeError for anything else. */
export function readWave(file: ArrayBuffer): Wave {
  const view = new DataView(file)
  if (ascii(view, 0) !== 'RIFF' || ascii(view, 8) !== 'WAVE') throw new RangeError('no WAV file')
  let rate = 0
  // Chunks of other kinds may stand between; each is padded to an even length.
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const name = ascii(view, at)
    const length = view.getUint32(at + 4, true)
    if (name === 'fmt ') {
      const [format, voices, bits] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true), view.getUint16(at + 22, true)]
      if (format !== 1 || voices !== 1 || bits !== 16) throw new RangeError('not 16-bit PCM of one voice')
      rate = view.getUint32(at + 12, true)
    }
    if (name === 'data' && rate) {
      // One that was not closed says a length of nothing, or more than there is.
      const most = view.byteLength - at - 8
      const samples = new Int16Array(Math.floor(Math.min(length || most, most) / 2))
      for (let n = 0; n < samples.length; n++) samples[n] = view.getInt16(at + 8 + n * 2, true)
      return { rate, samples }
    }
    at += 8 + length + (length % 2)
  }
  throw new RangeError('no sound in it')
}

/** The loudest of each of `count` equal parts, from 0 to 1, so that quiet voices show as well. */
export function peaks({ samples }: Wave, count: number): number[] {
  const found = Array.from({ length: count }, (_, part) => {
    let most = 0
    for (let n = Math.floor((part * samples.length) / count); n < Math.floor(((part + 1) * samples.length) / count); n++) most = Math.max(most, Math.abs(samples[n]!))
    return most
  })
  const loudest = Math.max(...found, 1)
  return found.map((one) => one / loudest)
}

export const seconds = ({ rate, samples }: Wave): number => samples.length / rate
