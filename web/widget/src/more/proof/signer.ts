/** What can sign: the wallet that the host page brings, or the one that the browser has injected into it (EIP-1193). */
export interface Signer {
  /** the customer's address */
  address: () => Promise<string>
  /** the signature over exactly this text, as the chain's wallets give it */
  sign: (text: string, address: string) => Promise<string>
  /** CAIP-2; left out, the chain follows from the address */
  chain?: () => Promise<string>
}

interface Provider {
  request: (args: { method: string; params?: unknown[] }) => Promise<unknown>
}

/** The customer closed the wallet's question (EIP-1193's code 4001), or the wallet failed. */
export class NotSigned extends Error {}

/** The host's own `signer` on the element comes first; null when there is none: then it goes by copying. */
export function signerOf(node: Node): Signer | null {
  const root = node.getRootNode()
  const host = root instanceof ShadowRoot ? (root.host as Element & { signer?: Signer | null }) : null
  if (host?.signer !== undefined) return host.signer
  const { ethereum } = window as Window & { ethereum?: Provider }
  return typeof ethereum?.request === 'function' ? injected(ethereum) : null
}

function injected(provider: Provider): Signer {
  return {
    async address() {
      const accounts = await provider.request({ method: 'eth_requestAccounts' })
      const first: unknown = Array.isArray(accounts) ? accounts[0] : null
      if (typeof first !== 'string') throw new NotSigned('no account')
      return first
    },
    async sign(text, address) {
      const signature = await provider.request({ method: 'personal_sign', params: [hex(text), address] })
      if (typeof signature !== 'string') throw new NotSigned('no signature')
      return signature
    },
    async chain() {
      return `eip155:${Number(await provider.request({ method: 'eth_chainId' }))}`
    },
  }
}

function hex(text: string): string {
  return `0x${[...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
