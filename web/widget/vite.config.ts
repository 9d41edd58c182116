import { minify } from 'terser'
import { defineConfig, type Plugin } from 'vite'

/** Three passes of terser: 28.4 KB gzip where the built-in minifier leaves 31.1 of our limit of 30. */
const small: Plugin = {
  name: 'small',
  // not renderChunk: the bundler prints the code once more after it
  async generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue
      const { code } = await minify(chunk.code, { module: true, compress: { passes: 3, ecma: 2020 }, mangle: true })
      if (code) chunk.code = code
    }
  },
}

export default defineConfig({
  plugins: [small],
  // no pure annotations: library mode keeps them, and they cost 3 KB
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', pure: false } },
  json: { namedExports: false, stringify: false },
  build: {
    target: ['chrome111', 'edge111', 'firefox114', 'safari16.4'], // constructable style sheets, dvh
    minify: false,
    cssMinify: true,
    // library mode: language chunks are plain relative imports, without the preload helper, which would write <link> into the host's page
    lib: { entry: 'src/element.tsx', formats: ['es'], fileName: () => 'holdfast-help.js' },
    rolldownOptions: {
      output: {
        chunkFileNames: 'chunks/[name]-[hash].js',
        // one file for what the start and the later parts share: each further one costs the start 120 B
        codeSplitting: { groups: [{ name: 'start', test: /\/src\/(ui\/|[\w-]+\.ts)|\/preact\// }] },
      },
    },
  },
})
