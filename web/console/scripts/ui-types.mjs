// Nuxt UI writes the types of its theme while Vite reads its configuration; vue-tsc needs them before any build.
import { resolveConfig } from 'vite'

await resolveConfig({ logLevel: 'error' }, 'build')
