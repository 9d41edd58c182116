/** Passkeys: the server's JSON to what the browser wants, and the browser's credential back to JSON. */

type Json = Record<string, unknown>

function bytes(text: string): ArrayBuffer {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(plain, (char) => char.charCodeAt(0)).buffer
}

function text(buffer: ArrayBuffer | null): string | null {
  if (!buffer) return null
  const plain = String.fromCharCode(...new Uint8Array(buffer))
  return btoa(plain).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

const withIds = (list: unknown) => (Array.isArray(list) ? (list as Json[]).map((item) => ({ ...item, id: bytes(String(item['id'])) })) : undefined)

export const passkeysWork = (): boolean => 'credentials' in navigator && 'PublicKeyCredential' in window

/** Asks for a passkey. Throws NotAllowedError when the person closes the dialog. */
export async function usePasskey(options: Json): Promise<Json> {
  const publicKey = { ...options, challenge: bytes(String(options['challenge'])), allowCredentials: withIds(options['allowCredentials']) }
  const credential = (await navigator.credentials.get({ publicKey: publicKey as PublicKeyCredentialRequestOptions })) as PublicKeyCredential
  const answer = credential.response as AuthenticatorAssertionResponse
  return {
    ...common(credential),
    response: {
      clientDataJSON: text(answer.clientDataJSON),
      authenticatorData: text(answer.authenticatorData),
      signature: text(answer.signature),
      userHandle: text(answer.userHandle),
    },
  }
}

/** Makes a passkey on this device or key. */
export async function makePasskey(options: Json): Promise<Json> {
  const user = options['user'] as Json
  const publicKey = {
    ...options,
    challenge: bytes(String(options['challenge'])),
    user: { ...user, id: bytes(String(user['id'])) },
    excludeCredentials: withIds(options['excludeCredentials']),
  }
  const credential = (await navigator.credentials.create({ publicKey: publicKey as unknown as PublicKeyCredentialCreationOptions })) as PublicKeyCredential
  const answer = credential.response as AuthenticatorAttestationResponse
  return {
    ...common(credential),
    response: { clientDataJSON: text(answer.clientDataJSON), attestationObject: text(answer.attestationObject), transports: answer.getTransports() },
  }
}

const common = (credential: PublicKeyCredential): Json => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  authenticatorAttachment: credential.authenticatorAttachment,
  clientExtensionResults: credential.getClientExtensionResults(),
})

/** The person closed the browser's dialog: nothing went wrong. */
export const wasCancelled = (error: unknown): boolean => error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError')
