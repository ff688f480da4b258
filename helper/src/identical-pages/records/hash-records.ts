// Records of pages by their hash: three words each, appended while pages are read and sorted once at the end. Appending
// touches memory in order, and sorting by radix keeps to a few cache lines: cheaper than a hash table, whose every
// insertion misses caches, and 12 bytes a page instead of 17 to 41.
import type { Pace } from '../../pacing/pace.ts'
import { recordWords } from './record-layout.ts'
import { sortRecords, splitRecords } from './sort-records.ts'
import { keepDistinctRecords, mergeRecords, type SortedRecords } from './sorted-records.ts'
import { type AllocateWords, onHeap, type WordMemory } from './words.ts'

const minCapacity = 1024
const growthRatio = 1.25
/** Guests grow while they are scanned. */
const spareRatio = 1.05
/** Records that share a bucket of the index, on average. */
const bucketRecords = 4
const fewRecords = 16
/** Worth the messages to another thread. */
const manyRecords = 1 << 14

type SortingPace = Pick<Pace, 'advance' | 'rest'>

/** Sorts records on the side. */
export interface SortingThread {
  sort(words: Uint32Array): { readonly done: Promise<void>; stop(): void }
}

export interface SampleLimit {
  /** Records kept at most. */
  readonly records: number
  /** Lowest bits of a hash that must be zero to be kept at first: 0 keeps all. */
  readonly level: number
}

export class HashRecords {
  /** Lower half of the hash, upper half, a word of the caller's. */
  words: Uint32Array
  length = 0
  readonly #limit: number
  readonly #allocate: AllocateWords
  #memory: WordMemory
  #mask: number
  /** Made at the first look-up: a scan without images needs none, and it takes memory behind the records. */
  #index: Uint32Array | undefined
  #shift = 0

  /** `release` it, where its memory is not on the heap. */
  constructor(expected: number, sample?: SampleLimit, allocate: AllocateWords = onHeap) {
    this.#limit = sample?.records ?? Number.POSITIVE_INFINITY
    this.#mask = sample === undefined ? 0 : 2 ** sample.level - 1
    const wanted = Math.ceil((expected / (this.#mask + 1)) * spareRatio)
    const capacity = Math.min(this.#limit, Math.max(minCapacity, wanted))
    this.#allocate = allocate
    this.#memory = allocate(wordsFor(capacity))
    this.words = this.#memory.words
  }

  /** Leaves no records. */
  release(): void {
    this.#memory.release()
    this.#memory = onHeap(0)
    this.words = this.#memory.words
    this.#index = undefined
    this.length = 0
  }

  /** 1: all are kept. Else the share of different hashes that is. */
  get sampledRatio(): number {
    return 1 / (this.#mask + 1)
  }

  /** Whether the hash is in the class that is kept; all are where nothing is sampled. */
  keeps(lower: number): boolean {
    return (lower & this.#mask) === 0
  }

  /** Appends hashes (pairs of words), but those of `except`, all with the same word. Returns how many were `except`. */
  append(hashes: Uint32Array, count: number, word: number, except: { lower: number; upper: number }): number {
    this.makeRoom(count)
    const { words } = this
    const mask = this.#mask
    let at = this.length * recordWords
    let excepted = 0
    for (let i = 0; i < count * 2; i += 2) {
      const lower = hashes[i] as number
      const upper = hashes[i + 1] as number
      if (lower === except.lower && upper === except.upper) excepted += 1
      else if ((lower & mask) === 0) {
        words[at] = lower
        words[at + 1] = upper
        words[at + 2] = word
        at += recordWords
      }
    }
    this.length = at / recordWords
    return excepted
  }

  /** Appends one record, whatever its class. */
  addRecord(lower: number, upper: number, word: number): void {
    this.makeRoom(1)
    const at = this.length * recordWords
    this.words[at] = lower
    this.words[at + 1] = upper
    this.words[at + 2] = word
    this.length += 1
  }

  /**
   * Sorts by hash, and puts `others`, which are sorted already, in between; nothing may be added afterwards, and there
   * must be room for others. Pauses as its pace asks for. A `thread` sorts part of many.
   */
  async sort(pace: SortingPace, others?: SortedRecords, thread?: SortingThread): Promise<void> {
    if (thread !== undefined && this.length >= manyRecords) await this.#sortWith(thread, pace)
    else await goThrough(sortRecords(this.words, this.length), pace)
    if (others !== undefined) {
      await goThrough(mergeRecords(this.words, this.length, others), pace)
      this.length += others.length
    }
    this.#index = undefined
  }

  async #sortWith(thread: SortingThread, pace: SortingPace): Promise<void> {
    const { words, length } = this
    const middle = await goThrough(splitRecords(words, length), pace)
    const rest = thread.sort(words.subarray(middle * recordWords, length * recordWords))
    const mine = goThrough(sortRecords(words, middle), pace).catch((error: unknown) => {
      rest.stop()
      throw error
    })
    // Both to their end: until then the thread looks at memory that may be released.
    const ended = await Promise.allSettled([mine, rest.done])
    for (const end of ended) if (end.status === 'rejected') throw end.reason
  }

  /** The first record of a hash; -1 where there is none. Only once sorted. */
  find(lower: number, upper: number): number {
    const { words } = this
    const index = this.#index ?? this.#buildIndex()
    const bucket = this.#shift === 32 ? 0 : upper >>> this.#shift
    let from = index[bucket] ?? 0
    let to = index[bucket + 1] ?? 0
    while (to - from > fewRecords) {
      const middle = (from + to) >>> 1
      if (isBefore(words, middle, lower, upper)) from = middle + 1
      else to = middle + 1
    }
    while (from < to && isBefore(words, from, lower, upper)) from += 1
    return from < to && words[from * recordWords] === lower && words[from * recordWords + 1] === upper
      ? from
      : -1
  }

  /** Where the records with the hash of the one at `from` end. */
  endOf(from: number): number {
    let last = from
    let step = 1
    // In growing steps, then by halves: a content may have a million records.
    while (from + step < this.length && this.#isSame(from, from + step)) {
      last = from + step
      step *= 2
    }
    let end = Math.min(from + step, this.length)
    while (end - last > 1) {
      const middle = (last + end) >>> 1
      if (this.#isSame(from, middle)) last = middle
      else end = middle
    }
    return end
  }

  #isSame(a: number, b: number): boolean {
    const { words } = this
    return (
      words[a * recordWords] === words[b * recordWords] &&
      words[a * recordWords + 1] === words[b * recordWords + 1]
    )
  }

  /** Leaves one record of each hash and word, those of a hash in the order of their words. Only once sorted. */
  async keepDistinct(pace: SortingPace): Promise<void> {
    this.length = await goThrough(keepDistinctRecords(this.words, this.length), pace)
    this.#index = undefined
  }

  /** For so many more records. May halve the class of hashes that are kept. */
  makeRoom(count: number): void {
    while (this.length + count > this.#limit && this.#mask < 0x7fff_ffff) this.#tighten()
    if (wordsFor(this.length + count) <= this.words.length) return
    const larger = this.#allocate(wordsFor(Math.ceil((this.length + count) * growthRatio)))
    larger.words.set(this.words.subarray(0, this.length * recordWords))
    this.#memory.release()
    this.#memory = larger
    this.words = larger.words
  }

  /** Halves the class of hashes that are kept. */
  #tighten(): void {
    this.#mask = this.#mask * 2 + 1
    const { words } = this
    let kept = 0
    for (let i = 0; i < this.length * recordWords; i += recordWords) {
      if (((words[i] as number) & this.#mask) !== 0) continue
      words.copyWithin(kept, i, i + recordWords)
      kept += recordWords
    }
    this.length = kept / recordWords
  }

  #buildIndex(): Uint32Array {
    const bits = Math.max(0, Math.min(28, Math.floor(Math.log2(Math.max(1, this.length / bucketRecords)))))
    this.#shift = 32 - bits
    const from = this.length * recordWords
    const { words } = this
    const index = words.subarray(from, from + 2 ** bits + 1)
    const shift = this.#shift
    let bucket = 0
    index[0] = 0
    for (let record = 0; record < this.length; record += 1) {
      const wanted = shift === 32 ? 0 : (words[record * recordWords + 1] as number) >>> shift
      while (bucket < wanted) {
        bucket += 1
        index[bucket] = record
      }
    }
    index.fill(this.length, bucket + 1)
    this.#index = index
    return index
  }
}

async function goThrough<T>(steps: Generator<undefined, T>, pace: SortingPace): Promise<T> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (pace.advance(0)) await pace.rest('comparing pages')
  }
}

/** Of so many records, and behind them their index. */
function wordsFor(records: number): number {
  return records * recordWords + Math.ceil(records / bucketRecords) + 2
}

function isBefore(words: Uint32Array, record: number, lower: number, upper: number): boolean {
  const itsUpper = words[record * recordWords + 1] as number
  return itsUpper < upper || (itsUpper === upper && (words[record * recordWords] as number) < lower)
}

/** 96 GiB of pages, 288 MiB of records. Beyond, contents are sampled, so that the helper stays within 512 MiB. */
const maxExactPages = 24 * 1024 * 1024

/** `exactPages`: pages up to which all are kept. undefined: all are. */
export function chooseSample(expectedPages: number, exactPages = maxExactPages): SampleLimit | undefined {
  if (expectedPages <= exactPages) return undefined
  // Half of the room, since a content with many copies is kept as a whole. Where more comes all the same, the class of
  // contents that are kept is halved.
  return { records: exactPages, level: Math.ceil(Math.log2((expectedPages * 2) / exactPages)) }
}
