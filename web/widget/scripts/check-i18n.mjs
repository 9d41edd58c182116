// Fails when a language lacks a text, has one too many, loses a placeholder, or lacks a plural form its grammar needs.
import { readdirSync, readFileSync } from 'node:fs'

// The start's texts, and those of the parts that are loaded on demand.
const FOLDERS = ['../src/locales/', '../src/more/locales/', '../src/guard/locales/'].map((name) => new URL(name, import.meta.url))
const expected = ['en', 'zh-Hans', 'zh-Hant', 'ja', 'ko', 'vi', 'id', 'th', 'ru', 'es', 'pt', 'tr', 'fr', 'de', 'ar']
const problems = []
const places = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join()
const forms = (value) => (typeof value === 'string' ? { other: value } : value)

let texts = 0
for (const folder of FOLDERS) {
  const read = (name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
  const base = read('en.json')
  texts += Object.keys(base).length
  check(folder, read, base)
}

function check(folder, read, base) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  for (const language of expected) if (!files.includes(`${language}.json`)) problems.push(`${language}: no catalogue`)
  for (const file of files) {
    const language = file.replace('.json', '')
    const texts = read(file)
    for (const key of Object.keys(base)) if (!(key in texts)) problems.push(`${language}: missing ${key}`)
    for (const [key, value] of Object.entries(texts)) {
      if (!(key in base)) {
        problems.push(`${language}: unknown ${key}`)
        continue
      }
      const plural = typeof base[key] !== 'string'
      if (plural !== (typeof value !== 'string')) problems.push(`${language}: ${key} is ${plural ? 'plural' : 'one text'} in en`)
      if (plural && typeof value !== 'string') {
        const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories
        for (const form of needed) if (!(form in value)) problems.push(`${language}: ${key} lacks the form "${form}"`)
      }
      const wanted = places(forms(base[key]).other)
      for (const [form, text] of Object.entries(forms(value))) {
        if (!text.trim()) problems.push(`${language}: ${key} is empty`)
        // "one" and "two" may say the number in words
        const spoken = plural && ['zero', 'one', 'two'].includes(form) && places(text) === ''
        if (places(text) !== wanted && !spoken) problems.push(`${language}: ${key}.${form} has ${places(text) || 'no place'}, en has ${wanted}`)
        if (/[!！]/.test(text)) problems.push(`${language}: ${key} has an exclamation mark`)
      }
    }
  }
}
if (problems.length) {
  console.error(problems.join('\n'))
  process.exit(1)
}
console.log(`${expected.length} languages, ${texts} texts each`)
