// The contents that guests hold: a set of hashes, without sites.
import type { HashRecords, SortingThread } from '../identical-pages/hash-records.ts'
import type { MergedFrames } from '../identical-pages/merged-frames.ts'
import { RECORD_WORDS } from '../identical-pages/record-words.ts'
import type { PageSink } from '../identical-pages/scan-ram.ts'
import { asCached, isCached } from '../identical-pages/site-kind.ts'
import { isNearShared } from '../kernel/pagemap.ts'
import type { Pace } from '../pacing/pace.ts'

interface Hash {
  readonly lower: number
  readonly upper: number
}

const HELD = asCached(0)

export class GuestContents implements PageSink {
  private readonly records: HashRecords
  private readonly frames: MergedFrames
  private readonly zero: Hash
  private readonly among: boolean
  /** Sites are not listed. */
  readonly mergedSiteCount = undefined
  private holdsZero = false

  /**
   * `among`: the records hold, sorted, the contents that are asked for later, and guests are only looked up in them:
   * so memory follows the smaller side. Else they are empty, and take all that guests hold.
   */
  constructor(records: HashRecords, frames: MergedFrames, zero: Hash, among: boolean) {
    this.records = records
    this.frames = frames
    this.zero = zero
    this.among = among
  }

  /** When all guests are read. */
  async finish(pace: Pace, thread?: SortingThread): Promise<void> {
    if (!this.among) await this.records.sort(pace, undefined, thread)
  }

  holds(lower: number, upper: number): boolean {
    if (lower === this.zero.lower && upper === this.zero.upper) return this.holdsZero
    const record = this.records.find(lower, upper)
    return record >= 0 && isCached(this.records.words[record * RECORD_WORDS + 2] as number)
  }

  addPages(hashes: Uint32Array, count: number): void {
    if (this.among)
      for (let i = 0; i < count * 2; i += 2) this.mark(hashes[i] as number, hashes[i + 1] as number)
    else if (this.records.append(hashes, count, HELD, this.zero) > 0) this.holdsZero = true
  }

  addKnownFrames(entries: Int32Array, from: number, to: number): number {
    let at = from
    for (; at < to; at += 1) {
      const frame = (entries[at * 2] as number) >>> 0
      if (!isNearShared(entries[at * 2 + 1] as number) || !this.addKnownFrame(frame)) break
    }
    return at
  }

  mergedSitesSince(): Uint32Array {
    return new Uint32Array(0)
  }

  addKnownFrame(frame: number): boolean {
    const index = this.frames.indexOf(frame)
    if (index < 0) return false
    this.addMerged(index)
    return true
  }

  addFrame(frame: number, lower: number, upper: number): void {
    const known = this.frames.indexOf(frame)
    this.addMerged(known < 0 ? this.frames.add(frame, lower, upper) : known)
  }

  addMergedSites(indexes: Uint32Array): void {
    for (const index of indexes) this.addMerged(index)
  }

  addKernelZeroPages(): void {
    this.holdsZero = true
  }

  private addMerged(index: number): void {
    if (this.frames.sites(index) === 0) {
      const [lower, upper] = [this.frames.lower(index), this.frames.upper(index)]
      if (this.among) this.mark(lower, upper)
      else if (lower === this.zero.lower && upper === this.zero.upper) this.holdsZero = true
      else this.records.add(lower, upper, HELD)
    }
    this.frames.addSite(index)
  }

  private mark(lower: number, upper: number): void {
    if (lower === this.zero.lower && upper === this.zero.upper) {
      this.holdsZero = true
      return
    }
    const record = this.records.find(lower, upper)
    if (record >= 0) this.records.words[record * RECORD_WORDS + 2] = HELD
  }
}
