/** This browser as a way to be paged. */

import { body, rest } from '@/api/client'

export type PushFault = 'unsupported' | 'refused' | 'failed'
export interface Subscribed {
  address: string
  secret: string
}

/** Asks for the permission: only on a click, or the browser says no by itself. */
export async function subscribe(): Promise<Subscribed | PushFault> {
  if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window)) return 'unsupported'
  if ((await Notification.requestPermission()) !== 'granted') return 'refused'
  const { key } = await body(rest.POST('/api/me/contacts/push-key'))
  try {
    await navigator.serviceWorker.register(`${import.meta.env.BASE_URL}push.js`)
    const { pushManager } = await navigator.serviceWorker.ready
    // One of another installation at this address (a restored one) takes nothing from us.
    const before = await pushManager.getSubscription()
    if (before && written(before.options.applicationServerKey) !== key) await before.unsubscribe()
    const { endpoint, keys } = (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })).toJSON()
    return endpoint && keys ? { address: endpoint, secret: JSON.stringify(keys) } : 'failed'
  } catch {
    return 'failed'
  }
}

function written(key: ArrayBuffer | null): string {
  return key ? btoa(String.fromCharCode(...new Uint8Array(key))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') : ''
}
