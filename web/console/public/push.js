// Shows pages that come by web push while no window of the console is open. It answers no request and keeps nothing.
self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('push', (event) => {
  const { title, body, url, tag } = event.data.json()
  event.waitUntil(
    self.registration.showNotification(title, { body, tag, renotify: true, requireInteraction: true, icon: 'mark.svg', data: url }),
  )
})
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const to = new URL(event.notification.data, self.location.origin)
  // A window that is open may hold what somebody is writing: it is not led elsewhere.
  if (to.origin === self.location.origin) event.waitUntil(self.clients.openWindow(to.href))
})
