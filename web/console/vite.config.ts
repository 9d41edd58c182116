import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

interface IconSet {
  icons: Record<string, { body: string }>
  aliases?: Record<string, { parent: string }>
}

// Nuxt UI outside Nuxt asks a public icon service while the page runs. A self-hosted console must not:
// the icons named in the source go into the bundle.
function bundledIcons(): Plugin {
  const id = 'virtual:icons'
  return {
    name: 'bundled-icons',
    resolveId: (source) => (source === id ? '\0' + id : null),
    load(source) {
      if (source !== '\0' + id) return null
      const all = createRequire(import.meta.url)('@iconify-json/lucide/icons.json') as IconSet
      const icons: IconSet['icons'] = {}
      for (const file of readdirSync('src', { recursive: true }) as string[]) {
        if (!/\.(vue|ts)$/.test(file)) continue
        for (const [, name = ''] of readFileSync('src/' + file, 'utf8').matchAll(/i-lucide-([a-z0-9-]+)/g)) {
          const icon = all.icons[name] ?? all.icons[all.aliases?.[name]?.parent ?? '']
          if (icon) icons[name] = icon
          else this.error(`no such icon: ${name} (${file})`)
        }
      }
      return 'export default ' + JSON.stringify({ prefix: 'lucide', width: 24, height: 24, icons })
    },
  }
}

const backend = process.env.HOLDFAST_BACKEND ?? 'http://localhost:8420'

export default defineConfig({
  base: '/console/',
  plugins: [
    vue(),
    ui({
      autoImport: false,
      colorMode: false,
      dts: false,
      components: { dts: 'src/components.d.ts' },
      ui: {
        colors: {
          primary: 'harbour',
          // The type knows Tailwind's own ramps only; ours is in main.css.
          neutral: 'ink' as 'slate',
          success: 'kelp',
          warning: 'brass',
          error: 'signal',
          info: 'harbour',
        },
      },
    }),
    bundledIcons(),
  ],
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('./src', import.meta.url)),
      '@shared': fileURLToPath(new URL('../shared', import.meta.url)),
    },
  },
  define: { __VUE_I18N_LEGACY_API__: 'false', __INTLIFY_PROD_DEVTOOLS__: 'false' },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
  server: {
    fs: { allow: ['..'] },
    proxy: {
      '/api': { target: backend, changeOrigin: false },
      '/files': { target: backend },
      '/ws': { target: backend, ws: true },
    },
  },
})
