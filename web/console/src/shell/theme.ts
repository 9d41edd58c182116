import { ref } from 'vue'

const STORED = 'hf-theme'
/** The class is set before the first paint by theme.js. */
const dark = ref(document.documentElement.classList.contains('dark'))

export function useTheme() {
  function flip(): void {
    dark.value = !dark.value
    document.documentElement.classList.toggle('dark', dark.value)
    document.documentElement.classList.toggle('light', !dark.value)
    localStorage.setItem(STORED, dark.value ? 'dark' : 'light')
  }
  return { dark, flip }
}
