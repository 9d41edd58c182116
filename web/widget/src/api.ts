import type {
  Attachment, ConversationState, CreateAnswer, CreateBody, KnownProblem, Problem, Solved, StartAnswer,
} from './protocol.ts'

/** The server's problem, or one of ours: `offline` (no answer), `unavailable` (an answer that is not ours). */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.id)
  }
}

export interface Upload {
  done: Promise<Attachment>
  cancel: () => void
}

export class Api {
  constructor(
    readonly origin: string,
    private readonly inbox: string,
  ) {}

  get socketUrl(): string {
    return `${this.origin.replace(/^http/, 'ws')}/ws/widget`
  }

  start(identity: string | null, tokens: string[], language: string): Promise<StartAnswer> {
    return this.post('start', { inbox: this.inbox, identity, tokens, language })
  }

  create(identity: string | null, tokens: string[], body: CreateBody): Promise<CreateAnswer> {
    return this.post('conversations', { inbox: this.inbox, identity, tokens, ...body })
  }

  emergency(token: string, k: string): Promise<{ state: ConversationState }> {
    return this.post('emergency', { token, k })
  }

  rate(token: string, episode: number, solved: Solved, words: string, k: string): Promise<{ state: ConversationState }> {
    return this.post('rating', { token, episode, solved, words, k })
  }

  language(token: string, language: string): Promise<{ state: ConversationState }> {
    return this.post('language', { token, language })
  }

  async problems(language: string): Promise<KnownProblem[]> {
    const answer = await fetch(`${this.origin}/api/widget/problems?lang=${language}`, { credentials: 'omit', cache: 'no-store' })
    return answer.ok ? ((await answer.json()) as { problems: KnownProblem[] }).problems : []
  }

  /** Whether one can call. */
  async calls(): Promise<boolean> {
    const answer = await fetch(`${this.origin}/api/widget/calls`, { credentials: 'omit' })
    return answer.ok && ((await answer.json()) as { open: boolean }).open
  }

  /** XMLHttpRequest, because fetch reports no upload progress. `onProgress` gets 0…1. */
  upload(token: string, file: File, onProgress: (part: number) => void): Upload {
    const request = new XMLHttpRequest()
    const done = new Promise<Attachment>((resolve, reject) => {
      request.open('POST', `${this.origin}/api/widget/attachments`)
      request.setRequestHeader('Authorization', `Bearer ${token}`)
      request.responseType = 'text'
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) onProgress(event.loaded / event.total)
      }
      request.onload = () => {
        const body = parsed(request.responseText)
        if (request.status < 300 && body) resolve(body as Attachment)
        else reject(new ApiError(problemOf(body, request.status)))
      }
      request.onerror = request.onabort = () => reject(new ApiError({ id: 'offline', status: 0 }))
      const form = new FormData()
      form.append('file', file)
      request.send(form)
    })
    return { done, cancel: () => request.abort() }
  }

  async post<T>(path: string, body: object): Promise<T> {
    const answer = await this.ask(path, body)
    const content = parsed(await answer.text().catch(() => ''))
    if (!answer.ok || !content) throw new ApiError(problemOf(content, answer.status))
    return content as T
  }

  /** The answer as it comes. Rejects with an ApiError when there is none. */
  async ask(path: string, body: object): Promise<Response> {
    try {
      return await fetch(`${this.origin}/api/widget/${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        credentials: 'omit',
        cache: 'no-store',
        signal: AbortSignal.timeout(20_000),
      })
    } catch {
      throw new ApiError({ id: 'offline', status: 0 })
    }
  }
}

export function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}

export function problemOf(body: object | null, status: number): Problem {
  const known = body && 'id' in body && typeof body.id === 'string'
  // a proxy's error page is no problem document; 200 without JSON is as good as no answer
  return known ? { ...(body as Problem), status } : { id: 'unavailable', status: status < 400 ? 502 : status }
}
