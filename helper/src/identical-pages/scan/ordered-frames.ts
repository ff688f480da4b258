// Records of merged frames in the order of their hashes, kept from one scan to the next to save sorting them.

import { kindOf, recordWords, siteKind, siteWord, subjectOf } from '../records/record-layout.ts'
import type { SortedRecords } from '../records/sorted-records.ts'

export class OrderedFrames implements SortedRecords {
  words = new Uint32Array(0)
  length = 0
  /** By the frame's index: 1 where its record is here. */
  #isIn = new Uint8Array(0)

  /** Whether the frame's record is here. */
  has(index: number): boolean {
    return (this.#isIn[index] ?? 0) !== 0
  }

  /** Leaves no records. */
  clear(): void {
    this.length = 0
    this.#isIn.fill(0)
  }

  /** Drops records of frames that are not wanted. */
  select(isWanted: (index: number) => boolean): void {
    const { words } = this
    let to = 0
    for (let at = 0; at < this.length * recordWords; at += recordWords) {
      const index = subjectOf(words[at + 2] as number)
      if (!isWanted(index)) {
        this.#isIn[index] = 0
        continue
      }
      if (to !== at) words.copyWithin(to, at, at + recordWords)
      to += recordWords
    }
    this.length = to / recordWords
  }

  /** Replaces its records by those of merged frames among sorted records. `frames`: number of frames known. */
  takeFrom(records: Uint32Array, length: number, frames: number): void {
    this.clear()
    if (this.#isIn.length < frames) this.#isIn = new Uint8Array(Math.ceil(frames * 1.25))
    if (this.words.length < frames * recordWords)
      this.words = new Uint32Array(Math.ceil(frames * 1.25) * recordWords)
    let to = 0
    for (let at = 0; at < length * recordWords; at += recordWords) {
      const word = records[at + 2] as number
      if (kindOf(word) !== siteKind.merged) continue
      this.words[to] = records[at] as number
      this.words[to + 1] = records[at + 1] as number
      this.words[to + 2] = word
      this.#isIn[subjectOf(word)] = 1
      to += recordWords
    }
    this.length = to / recordWords
  }

  /** `kept[old index]` is the new index + 1; 0: the frame has gone. */
  renumber(kept: Uint32Array): void {
    this.select((index) => (kept[index] as number) > 0)
    this.#isIn.fill(0)
    for (let at = 2; at < this.length * recordWords; at += recordWords) {
      const index = (kept[subjectOf(this.words[at] as number)] as number) - 1
      this.words[at] = siteWord(siteKind.merged, index)
      this.#isIn[index] = 1
    }
  }
}
