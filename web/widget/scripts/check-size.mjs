// Everything a page loads before the customer does anything (module with English and styles), gzipped, against 30 KB.
import { readFileSync, readdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const LIMIT = 30 * 1024
const dist = new URL('../dist/', import.meta.url)
const entry = readFileSync(new URL('holdfast-help.js', dist))
const more = [...entry.toString().matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)].map((match) => match[1])
const size = [entry, ...more.map((name) => readFileSync(new URL(name, dist)))].reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0)
for (const name of readdirSync(new URL('chunks/', dist))) {
  console.log(`  ${name}: ${gzipSync(readFileSync(new URL(`chunks/${name}`, dist)), { level: 9 }).length} B gzip, on demand`)
}
console.log(`at start: ${size} B gzip of ${LIMIT}${more.length ? ` (with ${more.join(', ')})` : ''}`)
if (size > LIMIT) process.exit(1)
