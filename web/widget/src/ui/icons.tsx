import type { VNode } from 'preact'

const PATHS = {
  back: 'm15 18-6-6 6-6',
  forward: 'm9 18 6-6-6-6',
  down: 'M12 5v14M6 13l6 6 6-6',
  close: 'M18 6 6 18M6 6l12 12',
  language: 'm5 8 6 6M4 14l6-6 2-3M2 5h12M7 2h1M22 22l-5-10-5 10M14 18h6',
  chat: 'M21 15a2 2 0 0 1-2 2H8l-5 4V5a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2z',
  phone: 'M22 17v3a2 2 0 0 1-2 2A18 18 0 0 1 2 4a2 2 0 0 1 2-2h3a2 2 0 0 1 2 2l1 3-2 3a14 14 0 0 0 6 6l3-2 3 1a2 2 0 0 1 2 2z',
  shield: 'M12 22s8-4 8-10V5l-8-3-8 3v7c0 6 8 10 8 10zM9 12l2 2 4-4',
  stop: 'M12 22s8-4 8-10V5l-8-3-8 3v7c0 6 8 10 8 10zM12 8v4M12 16h.01',
  alarm: 'M7 18v-6a5 5 0 0 1 10 0v6M5 21a2 2 0 0 1 2-3h10a2 2 0 0 1 2 3zM12 2v1M21 12h1M2 12h1M18 5l1-1M5 4l1 1',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3 2',
  warn: 'M12 3 2 20h20zM12 10v4M12 17h.01',
  plus: 'M12 5v14M5 12h14',
  send: 'm22 2-7 20-4-9-9-4zM22 2 11 13',
  file: 'M14 2H6a2 2 0 0 0-2 2v16a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V8zM14 2v6h6',
  check: 'm4 13 5 5L20 7',
  checks: 'm2 13 4 4L16 7M11 16l1 1L22 7',
  help: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9.1 9.2a3 3 0 0 1 5.8 1c0 2-2.9 2.6-2.9 4M12 17.2h.01',
} as const

export function Icon({ name, small, flip, tick }: { name: keyof typeof PATHS; small?: boolean; flip?: boolean; tick?: boolean }): VNode {
  const kind = `i${small ? ' s' : ''}${flip ? ' flip' : ''}${tick ? ' tick' : ''}`
  return <svg class={kind} viewBox="0 0 24 24" aria-hidden="true"><path d={PATHS[name]} /></svg>
}
