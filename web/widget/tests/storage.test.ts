import { expect, test } from 'vitest'
import { Keep, TokenBook } from '../src/storage.ts'
import { MemoryStorage } from './memory.ts'

test('values of two inboxes do not meet', () => {
  const area = new MemoryStorage()
  const one = new Keep(area, 'holdfast:a:1:')
  const two = new Keep(area, 'holdfast:a:2:')
  one.set('lang', 'ja')
  expect(two.get('lang')).toBeNull()
  expect(one.nameOf('holdfast:a:1:tok:x')).toBe('tok:x')
  expect(one.nameOf('holdfast:a:2:tok:x')).toBeNull()
})

test.each([['forbidden', null], ['full', Object.assign(new MemoryStorage(), { full: true })]])('%s storage: memory takes over', (_, area) => {
  const book = new TokenBook(new Keep(area, 'p:'))
  book.put('c1', 't1')
  expect([...book.all()]).toEqual([['c1', 't1']])
  book.drop('c1')
  expect(book.get('c1')).toBeNull()
})
