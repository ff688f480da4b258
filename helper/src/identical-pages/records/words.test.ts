import { describe, expect, it } from 'vitest'
import { type AllocateWords, onHeap, WordList } from './words.ts'

describe('WordList', () => {
  it('keeps what was written when it grows, and gives all of its memory back', () => {
    let held = 0
    const counted: AllocateWords = (count) => {
      held += count
      const { words } = onHeap(count)
      return {
        words,
        release: () => {
          held -= count
        },
      }
    }
    const list = new WordList(4, counted)
    for (let i = 0; i < 1_000; i += 1) {
      list.reserve(1)[list.length] = i * 7
      list.length += 1
    }
    expect([...list.subarray(0, 1_000)]).toEqual(Array.from({ length: 1_000 }, (_, i) => i * 7))
    expect(held).toBeGreaterThanOrEqual(1_000)
    list.release()
    expect([held, list.length]).toEqual([0, 0])
  })
})
