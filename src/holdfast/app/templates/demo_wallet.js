// What a wallet does to embed the hotline: an element, and a function that fetches a fresh identity when it is asked.
const help = document.querySelector('holdfast-help')
const user = help.dataset.user

// One device, several demo users: what the widget keeps of one must not be shown to the next.
const KEY = 'lantern-demo-user'
try {
  const last = localStorage.getItem(KEY)
  if (last !== null && last !== user) {
    for (const key of Object.keys(localStorage)) if (key.startsWith('holdfast:')) localStorage.removeItem(key)
    for (const key of Object.keys(sessionStorage)) if (key.startsWith('holdfast:')) sessionStorage.removeItem(key)
  }
  localStorage.setItem(KEY, user)
} catch {
  // storage is forbidden: then nothing was kept either
}

if (user) {
  // With a nonce the token is asked for as proof: the back end puts it in, so that the token counts for this alone.
  help.identity = async (nonce = '') => {
    const answer = await fetch(`/demo/wallet/identity?${new URLSearchParams({ user, nonce })}`, { cache: 'no-store' })
    return answer.ok ? (await answer.json()).token : null
  }
}

// A wallet that signs: a key of Solana's kind, made in this page, forgotten with it, and never anybody's.
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
function base58(bytes) {
  let number = 0n
  for (const byte of bytes) number = number * 256n + BigInt(byte)
  let text = ''
  for (; number > 0n; number /= 58n) text = ALPHABET[Number(number % 58n)] + text
  return '1'.repeat(bytes.findIndex((byte) => byte !== 0)) + text
}
const pair = await crypto.subtle?.generateKey('Ed25519', false, ['sign', 'verify']).catch(() => null)
if (pair) {
  help.signer = {
    address: async () => base58(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))),
    sign: async (text) => base58(new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, new TextEncoder().encode(text)))),
  }
}

const toast = document.getElementById('toast')
const act = (what) => () => { toast.textContent = toast.dataset.text.replace('{act}', what) }
help.actions = { newWallet: act(toast.dataset.wallet), disconnectAll: act(toast.dataset.disconnect) }

// The attribute, not open(): a click before the component has loaded must not be lost.
document.getElementById('help').addEventListener('click', () => help.setAttribute('open', ''))
const unread = document.getElementById('unread')
help.addEventListener('holdfast:unread', (event) => {
  unread.textContent = String(event.detail.count)
  unread.hidden = event.detail.count === 0
})

const form = document.querySelector('.settings')
form.addEventListener('change', () => form.requestSubmit())
