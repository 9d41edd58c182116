interface Held {
  token: string
  state: import('../src/protocol.ts').ConversationState
  entries: import('../src/protocol.ts').Entry[]
}
export class FakeServer {
  conversations: Map<string, Held>
  url: string
  down: boolean
  silent: boolean
  refuse: string | null
  sent: { k: string; b: string }[]
  listen(port?: number): Promise<this>
  close(): void
  cut(code?: number): void
  begin(message: { k: string; b: string; language: string; emergency: boolean }): Held
  say(conversation: Held, text: string): void
  push(conversation: Held, frame: object): void
}
