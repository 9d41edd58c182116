declare module 'virtual:icons' {
  import type { IconifyJSON } from '@iconify/vue'
  const icons: IconifyJSON
  export default icons
}
