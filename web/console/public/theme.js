// Before the first paint, so that a dark screen never flashes white. A file of its own: the page allows no inline script.
try {
  var chosen = localStorage.getItem('hf-theme')
  var dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  document.documentElement.className = dark ? 'dark' : 'light'
} catch (_) {
  document.documentElement.className = 'light'
}
