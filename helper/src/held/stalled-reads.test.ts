import { describe, expect, it } from 'vitest'
import { ReadingState, readingThreads, tellReads, watchedRead } from '../kernel/watched-read.ts'
import { StalledReads } from './stalled-reads.ts'

describe('StalledReads', () => {
  const { main } = readingThreads
  const lookOften = (stalled: StalledReads, times: number) =>
    Array.from({ length: times }, () => stalled.findHolder(main))

  it('finds the process of one read that does not end, and none of reads that do', () => {
    const state = new ReadingState()
    tellReads(state, main)
    const stalled = new StalledReads(state, () => false)
    for (let turn = 0; turn < 20; turn += 1) {
      expect(stalled.findHolder(main)).toBeUndefined()
      watchedRead(4711, () => expect(stalled.findHolder(main)).toBeUndefined())
    }
    watchedRead(4711, () => {
      expect(lookOften(stalled, 10)).toEqual(Array(10).fill(undefined))
      expect(stalled.findHolder(main)).toBe(4711)
    })
    expect(lookOften(stalled, 20)).toEqual(Array(20).fill(undefined))
  })

  it('does not count looks at which the thread runs, or waits for a processor', () => {
    const state = new ReadingState()
    tellReads(state, main)
    const asked: number[] = []
    const stalled = new StalledReads(state, (threadId) => asked.push(threadId) > 0)
    watchedRead(12, () => expect(lookOften(stalled, 30)).toEqual(Array(30).fill(undefined)))
    expect(new Set(asked)).toEqual(new Set([state.readTurn(main).threadId]))
  })

  it('ends a read that fails', () => {
    const state = new ReadingState()
    tellReads(state, main)
    expect(() =>
      watchedRead(9, () => {
        throw new Error('gone')
      }),
    ).toThrow('gone')
    expect(state.readTurn(main).turn % 2).toBe(0)
  })
})
