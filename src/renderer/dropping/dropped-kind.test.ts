import { expect, it } from 'vitest'
import { kindOfText, nameOfFile } from './dropped-kind.ts'

it.each([
  ['{ "scrub": { "mode": "observe" } }', 'policy'],
  ['\n{"ksm":{}}', 'policy'],
  ['{ "scrub": { "mode": "observe", } }', 'policy'],
  ['{ "all": { "hosts": { "kvm1": {} } } }', 'inventory'],
  ['{}', 'inventory'],
  ['[kvm]\nkvm01 ansible_host=10.0.0.7', 'inventory'],
  ['all:\n  hosts:\n    kvm01:', 'inventory'],
  ['root@10.0.0.7:2222 kvm01 rack1', 'inventory'],
  ['', 'inventory'],
])('%j is a %s', (text, kind) => {
  expect(kindOfText(text)).toBe(kind)
})

it.each([
  ['night.json', 'night'],
  ['C:\\policies\\night.v2.json', 'night.v2'],
  [`${'x'.repeat(90)}.json`, 'x'.repeat(64)],
  ['.json', ''],
])('%s names %s', (path, name) => {
  expect(nameOfFile(path)).toBe(name)
})
