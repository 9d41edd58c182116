// Every language has every key with the same placeholders; every key in the code exists; no text stands in a template.
import { readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parse } from 'vue/compiler-sfc'

const LANGUAGES = ['en', 'zh-Hans']
const TEXT_ATTRIBUTES = new Set(['title', 'label', 'placeholder', 'alt', 'aria-label', 'description', 'help', 'hint'])
const faults = []
const files = readdirSync('src', { recursive: true }).map((file) => join('src', file))

function flat(node, prefix, into) {
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'string') into.set(prefix + key, value)
    else flat(value, `${prefix}${key}.`, into)
  }
  return into
}
const catalogues = Object.fromEntries(LANGUAGES.map((language) => [language, new Map()]))
for (const file of files.filter((name) => name.endsWith('.json') && basename(dirname(name)) === 'locales')) {
  const language = basename(file, '.json')
  if (!catalogues[language]) faults.push(`${file}: unknown language`)
  else flat(JSON.parse(readFileSync(file, 'utf8')), basename(dirname(dirname(file))) + '.', catalogues[language])
}
const [first, ...others] = LANGUAGES
const placeholders = (text) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort().join()
for (const language of others) {
  for (const [key, text] of catalogues[first]) {
    const other = catalogues[language].get(key)
    if (other === undefined || other === '') faults.push(`${language}: ${key} is missing`)
    else if (placeholders(text) !== placeholders(other)) faults.push(`${language}: ${key} has other placeholders than ${first}`)
  }
  for (const key of catalogues[language].keys()) if (!catalogues[first].has(key)) faults.push(`${first}: ${key} is missing`)
}

const known = [...catalogues[first].keys()]
const areas = new Set(known.map((key) => key.split('.')[0]))
const used = new Set()
for (const file of files.filter((name) => /\.(vue|ts)$/.test(name))) {
  const source = readFileSync(file, 'utf8')
  for (const [, key] of source.matchAll(/['"`]([a-z]+(?:\.[\w-]+)+)['"`]/g)) {
    if (!areas.has(key.split('.')[0]) || key.endsWith('.value')) continue
    const group = known.filter((name) => name.startsWith(key + '.'))
    if (catalogues[first].has(key)) used.add(key)
    else if (group.length) group.forEach((name) => used.add(name))
    else if (/\bt\(|title:|Commands\(/.test(source)) faults.push(`${file}: no such text: ${key}`)
  }
  for (const [, prefix] of source.matchAll(/`([a-z]+\.[\w.-]*)\$\{/g)) {
    const matching = known.filter((key) => key.startsWith(prefix))
    if (areas.has(prefix.split('.')[0]) && !matching.length) faults.push(`${file}: no texts begin with ${prefix}`)
    matching.forEach((key) => used.add(key))
  }
  if (file.endsWith('.vue')) inspect(file, parse(source).descriptor.template?.ast)
}
for (const key of known) if (!used.has(key) && !/^(shell\.key\.|api\.)/.test(key)) faults.push(`unused text: ${key}`)

function inspect(file, node) {
  if (!node) return
  if (node.type === 2 && /\p{L}{2,}/u.test(node.content)) faults.push(`${file}:${node.loc.start.line}: text in the template: ${node.content.trim()}`)
  for (const prop of node.props ?? []) {
    if (prop.type === 6 && TEXT_ATTRIBUTES.has(prop.name) && /\p{L}{2,}/u.test(prop.value?.content ?? '')) faults.push(`${file}:${prop.loc.start.line}: text in ${prop.name}`)
    if (prop.type === 6 && prop.name === 'style') faults.push(`${file}:${prop.loc.start.line}: a style attribute, which the page's policy forbids`)
  }
  for (const child of [...(node.children ?? []), ...(node.branches ?? [])]) inspect(file, child)
}

if (faults.length) {
  console.error(faults.join('\n'))
  process.exit(1)
}
console.log(`${known.length} texts in ${LANGUAGES.length} languages`)
