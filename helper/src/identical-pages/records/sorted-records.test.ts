import { describe, expect, it } from 'vitest'
import { HashRecords } from './hash-records.ts'
import { recordWords } from './record-layout.ts'

const unhurried = { advance: () => false, rest: async () => undefined }

/** Records as [hash, word], both halves of the hash alike. */
async function sorted(records: readonly (readonly [number, number])[]): Promise<HashRecords> {
  const kept = new HashRecords(0)
  for (const [hash, word] of records) kept.addRecord(hash, hash, word)
  await kept.sort(unhurried)
  return kept
}

const wordsOf = (records: HashRecords, hash: number) => {
  const from = records.find(hash, hash)
  const words = from < 0 ? [] : Array.from({ length: records.endOf(from) - from }, (_, i) => from + i)
  return words.map((record) => records.words[record * recordWords + 2])
}

describe('records of one content', () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 1000])('end behind the last of %i', async (count) => {
    const same = Array.from({ length: count }, (_, word) => [20, word] as const)
    const records = await sorted([[10, 0], ...same, [30, 0], [30, 1]])
    const from = records.find(20, 20)
    expect([from, records.endOf(from)]).toEqual([1, 1 + count])
    expect(records.endOf(records.find(30, 30))).toBe(records.length)
  })

  it.each([1, 3, 100])('are one of each word, in order, where each comes %i times', async (times) => {
    const all = [3, 200, 1, 77].flatMap((word) => Array.from({ length: times }, () => [20, word] as const))
    const records = await sorted([[10, 5], ...all, [30, 9]])
    await records.keepDistinct(unhurried)
    expect(records.length).toBe(6)
    expect([10, 20, 30, 40].map((hash) => wordsOf(records, hash))).toEqual([[5], [1, 3, 77, 200], [9], []])
  })
})
