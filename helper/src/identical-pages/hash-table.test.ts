import { describe, expect, it } from 'vitest'
import { HashTable } from './hash-table.ts'

// Spread evenly, as hashes are.
const hashes = Array.from(
  { length: 20_000 },
  (_, i) => [Math.imul(i, 0x85ebca6b) >>> 0, Math.imul(i, 0x9e3779b1) >>> 0] as const,
)

describe('HashTable', () => {
  it.each([0, 10, 100_000])('numbers hashes in order of arrival, made for %i', (expected) => {
    const table = new HashTable(expected)
    const numbers = hashes.map((_, i) => i + 1)
    expect(hashes.map(([lower, upper]) => table.add(lower, upper))).toEqual(numbers)
    expect(hashes.map(([lower, upper]) => table.add(lower, upper))).toEqual(numbers)
    expect(hashes.map(([lower, upper]) => table.find(lower, upper))).toEqual(numbers)
    expect(table.count).toBe(hashes.length)
    expect(table.find(1, 0xffff_ffff)).toBe(0)
  })

  it('keeps apart hashes that differ in one half only', () => {
    const table = new HashTable(10)
    expect([table.add(1, 2), table.add(1, 3), table.add(2, 2), table.add(0, 0)]).toEqual([1, 2, 3, 4])
    expect([table.find(1, 2), table.find(2, 3), table.find(0, 0)]).toEqual([1, 0, 4])
  })
})
