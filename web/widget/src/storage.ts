/**
 * Text by key. The browser's storage may be forbidden (private mode, third-party frames) or full:
 * then the same values live in memory, until the page goes.
 */
export class Keep {
  private readonly memory = new Map<string, string>()

  constructor(
    private readonly area: Storage | null,
    private readonly prefix: string,
  ) {}

  get(name: string): string | null {
    const held = this.memory.get(name)
    if (held !== undefined) return held
    try {
      return this.area?.getItem(this.prefix + name) ?? null
    } catch {
      return null
    }
  }

  set(name: string, value: string): void {
    try {
      if (!this.area) throw new Error('no storage')
      this.area.setItem(this.prefix + name, value)
      this.memory.delete(name)
    } catch {
      this.memory.set(name, value)
    }
  }

  remove(name: string): void {
    this.memory.delete(name)
    try {
      this.area?.removeItem(this.prefix + name)
    } catch {
      // forbidden storage holds nothing of ours
    }
  }

  /** Names that begin with `start`, sorted. */
  names(start: string): string[] {
    const found = new Set<string>()
    for (const name of this.memory.keys()) if (name.startsWith(start)) found.add(name)
    try {
      for (let i = 0; i < (this.area?.length ?? 0); i++) {
        const key = this.area?.key(i)
        if (key?.startsWith(this.prefix + start)) found.add(key.slice(this.prefix.length))
      }
    } catch {
      // forbidden storage holds nothing of ours
    }
    return [...found].sort()
  }

  /** The name inside this keep, for a key of a `storage` event; null if it belongs to somebody else. */
  nameOf(key: string | null): string | null {
    return key?.startsWith(this.prefix) ? key.slice(this.prefix.length) : null
  }
}

/** The window's storage, or null where even touching it throws. */
export function area(which: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return globalThis[which] ?? null
  } catch {
    return null
  }
}

/** Conversation tokens, one key each, so that two tabs never overwrite each other's list. */
export class TokenBook {
  constructor(private readonly keep: Keep) {}

  all(): Map<string, string> {
    const tokens = new Map<string, string>()
    for (const name of this.keep.names('tok:')) {
      const token = this.keep.get(name)
      if (token) tokens.set(name.slice(4), token)
    }
    return tokens
  }

  get(conversation: string): string | null {
    return this.keep.get(`tok:${conversation}`)
  }

  put(conversation: string, token: string): void {
    if (this.get(conversation) !== token) this.keep.set(`tok:${conversation}`, token)
  }

  drop(conversation: string): void {
    this.keep.remove(`tok:${conversation}`)
  }
}
