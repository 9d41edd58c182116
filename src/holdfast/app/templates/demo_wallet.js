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
  help.identity = async () => {
    const answer = await fetch(`/demo/wallet/identity?user=${encodeURIComponent(user)}`, { cache: 'no-store' })
    return answer.ok ? (await answer.json()).token : null
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
