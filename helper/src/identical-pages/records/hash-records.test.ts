import { describe, expect, it } from 'vitest'
import { randomWords } from '../../../../test/bench/engine/random-words.ts'
import { HashRecords } from './hash-records.ts'
import { recordWords } from './record-layout.ts'
import { sortRecords } from './sort-records.ts'

/** Pauses as often as it can. */
const restless = { advance: () => true, rest: async () => undefined }
const none = { lower: -1, upper: -1 }

/** Bijective, so that different numbers have different hashes; from one bucket to evenly spread. */
const shapes: readonly (readonly [string, (i: number) => readonly [number, number]])[] = [
  ['evenly spread', (i) => [Math.imul(i, 0x85ebca6b) >>> 0, Math.imul(i, 0x9e3779b1) >>> 0]],
  ['alike in the upper half', (i) => [Math.imul(i, 0x85ebca6b) >>> 0, 7]],
  ['alike in the lower half', (i) => [7, Math.imul(i, 0x9e3779b1) >>> 0]],
  ['in few buckets', (i) => [i, 0xffff_ff00 + (i % 3)]],
]

describe.each(shapes)('HashRecords of hashes %s', (_name, hashOf) => {
  it.each([0, 1, 20, 5_000])('finds each of %i, with all its records, and nothing else', async (count) => {
    const records = new HashRecords(0)
    for (let i = 0; i < count; i += 1) {
      const [lower, upper] = hashOf(i)
      for (let copy = 0; copy <= i % 3; copy += 1) records.addRecord(lower, upper, i)
    }
    await records.sort(restless)
    for (let i = 0; i < count; i += 1) {
      const [lower, upper] = hashOf(i)
      const from = records.find(lower, upper)
      const words = [...records.words.subarray(from * recordWords, records.endOf(from) * recordWords)]
      const expected = Array.from({ length: (i % 3) + 1 }, () => [lower, upper, i]).flat()
      expect(words).toEqual(expected)
    }
    expect(records.find(...hashOf(count))).toBe(-1)
    expect(records.find(0, 0xffff_ffff)).toBe(-1)
  })
})

describe('HashRecords', () => {
  it.each([
    [0, 500],
    [500, 0],
    [3, 700],
    [700, 3],
    [400, 400],
  ])('puts %i new and %i sorted records in one order', async (added, sorted) => {
    const random = randomWords((added + sorted) * 2)
    const records = new HashRecords(0)
    const others = new HashRecords(0)
    for (let i = 0; i < added + sorted; i += 1)
      (i < added ? records : others).addRecord(
        random[i * 2] as number,
        (random[i * 2 + 1] as number) >>> 28,
        i,
      )
    await others.sort(restless)
    records.makeRoom(sorted)
    await records.sort(restless, others)
    expect(records.length).toBe(added + sorted)
    const found = Array.from({ length: records.length }, (_, i) => {
      const [lower = 0, upper = 0, word = 0] = records.words.subarray(i * recordWords)
      expect([lower, upper]).toEqual([random[word * 2], (random[word * 2 + 1] as number) >>> 28])
      expect(records.find(lower, upper)).toBe(i)
      return upper * 2 ** 32 + lower
    })
    expect(found).toEqual(found.toSorted((a, b) => a - b))
    expect(new Set(found).size).toBe(added + sorted)
  })

  describe('with a thread', () => {
    const many = (topBit: (random: number) => number) => {
      const random = randomWords(80_000)
      const records = new HashRecords(40_000)
      for (let i = 0; i < 80_000; i += 2)
        records.addRecord(random[i] as number, topBit(random[i + 1] as number), i / 2)
      return records
    }

    it.each([
      ['evenly spread', (word: number) => word],
      ['all in the lower half', (word: number) => word >>> 1],
      ['all in the upper half', (word: number) => (word | 0x8000_0000) >>> 0],
    ])('sorts as without one: %s', async (_name, topBit) => {
      const [alone, shared] = [many(topBit), many(topBit)]
      let handed = 0
      const thread = {
        sort: (words: Uint32Array) => {
          handed = words.length / recordWords
          for (const _ of sortRecords(words, handed));
          return { done: Promise.resolve(), stop: () => undefined }
        },
      }
      await alone.sort(restless)
      await shared.sort(restless, undefined, thread)
      const uppers = [...alone.words].filter(
        (_, i) => i < alone.length * recordWords && i % recordWords === 1,
      )
      expect(handed).toBe(uppers.filter((word) => word >= 2 ** 31).length)
      expect(shared.words.subarray(0, 40_000 * recordWords)).toEqual(
        alone.words.subarray(0, 40_000 * recordWords),
      )
    })

    it('stops the thread and waits for it when it is cancelled', async () => {
      const events: string[] = []
      const { promise: done, resolve: end } = Promise.withResolvers<void>()
      const thread = {
        sort: () => ({
          done: done.then(() => void events.push('done')),
          stop: () => {
            events.push('stop')
            setTimeout(end, 10)
          },
        }),
      }
      let rests = 0
      const cancelled = {
        advance: () => true,
        rest: async () => {
          rests += 1
          if (rests > 1) throw new Error('cancelled')
        },
      }
      await expect(many((word) => word).sort(cancelled, undefined, thread)).rejects.toThrow('cancelled')
      expect(events).toEqual(['stop', 'done'])
    })

    it('fails where the thread does', async () => {
      const thread = {
        sort: () => ({ done: Promise.reject(new Error('the thread ended')), stop: () => undefined }),
      }
      await expect(many((word) => word).sort(restless, undefined, thread)).rejects.toThrow('the thread ended')
    })
  })

  it('leaves one hash out and counts it', () => {
    const records = new HashRecords(0)
    const hashes = new Uint32Array([1, 1, 2, 2, 1, 1, 1, 2])
    expect(records.append(hashes, 4, 9, { lower: 1, upper: 1 })).toBe(2)
    expect(records.length).toBe(2)
  })

  it('keeps whole contents within its limit when it samples', async () => {
    const records = new HashRecords(40_000, { records: 1_000, level: 0 })
    const hash = (i: number) => [Math.imul(i, 0x85ebca6b) >>> 0, Math.imul(i, 0x9e3779b1) >>> 0] as const
    for (let copy = 0; copy < 2; copy += 1)
      for (let i = 0; i < 20_000; i += 1) records.append(new Uint32Array(hash(i)), 1, copy, none)
    expect(records.length).toBeLessThanOrEqual(1_000)
    expect(records.sampledRatio).toBeLessThan(1)
    await records.sort(restless)
    for (let from = 0; from < records.length; ) {
      expect(records.endOf(from) - from).toBe(2)
      from = records.endOf(from)
    }
  })
})
