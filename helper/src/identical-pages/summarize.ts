// Sums up a finished snapshot in one walk over its records: per guest, in total, and for pairs of guests.
import { pageSize } from '../kernel/page-size.ts'
import type { Pace } from '../pacing/pace.ts'
import { ContentGroup, type ContentGroups } from './content-groups.ts'
import type { GuestPages } from './guest-pages.ts'
import { guestWords, Holders, PairPages } from './records/holders.ts'
import { PlainGroups } from './records/plain-groups.ts'
import { isCached, kindOf, recordWords, siteKind, subjectOf } from './records/record-layout.ts'

export interface GuestSummary {
  readonly residentBytes: number
  readonly zeroBytes: number
  readonly mergedBytes: number
  readonly freedZeroBytes: number
  readonly identicalBytes: number
  readonly mergeableBytes: number
  /** Zero pages are left out: a page of zeros in guest and image says nothing of caching. */
  readonly doubleCachedBytes: number
}

export interface SnapshotSummary {
  /** By the guests' index. */
  readonly guests: readonly GuestSummary[]
  readonly mergeable: Estimate
  /** Pages of a guest (first index) whose content a guest (second index) holds too. */
  sharedPages(a: number, b: number): { readonly identical: number; readonly zero: number }
}

/** The truth is within `bytes` ± `marginBytes` in 95 of 100 cases; the margin is 0 where all contents were compared. */
export interface Estimate {
  readonly bytes: number
  readonly marginBytes: number
}

const normal95 = 1.96
/** Records looked at between two pauses: some milliseconds. */
const stepRecords = 1 << 17

/** Sums of one guest, in pages. */
class GuestSums {
  identical = 0
  mergeable = 0
  cached = 0
  merged = 0
  zeroMerged = 0
}

/** For each merged frame, what its group says about each of its sites. */
class FrameSums {
  readonly mergeable: Float32Array
  readonly flags: Uint8Array
  /** As in `Holders`: the words of one frame follow those of the one before. */
  readonly once: Int32Array
  readonly twice: Int32Array

  constructor(frames: number, words: number) {
    this.mergeable = new Float32Array(frames)
    this.flags = new Uint8Array(frames)
    this.once = new Int32Array(frames * words)
    this.twice = new Int32Array(frames * words)
  }
}
const sampledFlag = 1
const identicalFlag = 2
const cachedFlag = 4
const zeroFlag = 8

class Summary {
  readonly sums: GuestSums[]
  /** Groups less merged frames, as sampled, and the sum of squares for its variance. */
  surplus = 0
  surplusSquares = 0
  zeroFreeable = 0
  /** Zeros aside. */
  readonly pairs: PairPages
  readonly zeroHolders: Holders
  readonly #groups: ContentGroups
  readonly #frames: FrameSums
  readonly #scale: number
  readonly #words: number
  readonly #group: ContentGroup
  readonly #plain: PlainGroups

  constructor(groups: ContentGroups) {
    this.#groups = groups
    this.sums = groups.guests.map(() => new GuestSums())
    this.#words = guestWords(groups.guests.length)
    this.#frames = new FrameSums(groups.frames.count, this.#words)
    this.pairs = new PairPages(groups.guests.length)
    this.zeroHolders = new Holders(groups.guests.length)
    this.#scale = 1 / groups.records.sampledRatio
    this.#group = new ContentGroup(groups)
    this.#plain = new PlainGroups(groups.guests.length, this.pairs, this.#scale)
  }

  /** Goes through all groups of equal contents. Pauses as its pace asks for. */
  async walkGroups(pace: Pick<Pace, 'advance' | 'rest'>): Promise<void> {
    const { records } = this.#groups
    for (let from = 0; from < records.length; ) {
      from = this.#walkSome(from, from + stepRecords)
      if (pace.advance(0)) await pace.rest('adding up')
    }
    this.#addPlain()
    for (const [index, guest] of this.#groups.guests.entries()) {
      const sums = this.sums[index] as GuestSums
      for (const indexes of guest.knownSites) this.#addMergedSites(indexes, sums, index)
      for (const { from, to } of guest.mergedSites)
        this.#addMergedSites(this.#groups.mergedSites.subarray(from, to), sums, index)
      if (pace.advance(0)) await pace.rest('adding up')
    }
  }

  #addPlain(): void {
    const { count, identical, mergeable } = this.#plain
    this.surplus += count
    this.surplusSquares += count
    for (const [guest, sums] of this.sums.entries()) {
      sums.identical += identical[guest] as number
      sums.mergeable += mergeable[guest] as number
    }
  }

  /** Whole groups, until one ends at `until` or beyond. Returns where the next begins. */
  #walkSome(start: number, until: number): number {
    const { records, signedWords } = this.#groups
    const group = this.#group
    const stop = Math.min(until, records.length)
    let from = start
    while (from < stop) {
      from = this.#plain.addGroups(signedWords, records.length, from, stop)
      if (from >= stop) break
      const end = records.endOf(from)
      group.measure(from, end)
      this.#addToTotal(group)
      if (group.sites > 1 || group.cached) for (let i = from; i < end; i += 1) this.#addRecord(i, group)
      from = end
    }
    return from
  }

  #addToTotal({ privateFrames, merged, zero, holders }: ContentGroup): void {
    if (zero) {
      this.zeroHolders.once.set(holders.once)
      this.zeroHolders.twice.set(holders.twice)
    }
    if (privateFrames + merged === 0) return
    if (zero) {
      this.zeroFreeable = privateFrames + merged - 1
      return
    }
    this.surplus += 1 - merged
    this.surplusSquares += (1 - merged) ** 2
  }

  #addRecord(record: number, group: ContentGroup): void {
    const word = this.#groups.records.words[record * recordWords + 2] as number
    const subject = subjectOf(word)
    const kind = kindOf(word)
    if (kind === siteKind.merged) this.#keepForSites(subject, isCached(word), group)
    else if (kind === siteKind.zero) this.#addZeros(group)
    else {
      if (isCached(word)) (this.sums[subject] as GuestSums).cached += this.#scale
      this.#addSite(subject, kind === siteKind.private ? group.shareOfPrivate : 0, group)
    }
  }

  #addSite(guest: number, mergeable: number, group: ContentGroup): void {
    const sums = this.sums[guest] as GuestSums
    if (group.sites < 2) return
    sums.identical += this.#scale
    sums.mergeable += mergeable * this.#scale
    this.pairs.addPages(guest, group.holders.once, group.holders.twice, 0, this.#scale)
  }

  #addZeros(group: ContentGroup): void {
    const { guests } = this.#groups
    this.sums.forEach((sums, index) => {
      const { zeroPrivatePages, zeroUnmergeablePages } = guests[index] as GuestPages
      sums.identical += group.sites > 1 ? zeroPrivatePages + zeroUnmergeablePages : 0
      sums.mergeable += zeroPrivatePages * group.shareOfPrivate
    })
  }

  #keepForSites(frame: number, isFrameCached: boolean, group: ContentGroup): void {
    const frames = this.#frames
    const words = this.#words
    frames.mergeable[frame] = group.shareOfMerged
    frames.flags[frame] =
      sampledFlag |
      (group.sites > 1 ? identicalFlag : 0) |
      (isFrameCached ? cachedFlag : 0) |
      (group.zero ? zeroFlag : 0)
    for (let word = 0; word < words; word += 1) {
      frames.once[frame * words + word] = group.holders.once[word] as number
      frames.twice[frame * words + word] = group.holders.twice[word] as number
    }
  }

  #addMergedSites(indexes: Uint32Array, sums: GuestSums, guest: number): void {
    const frames = this.#frames
    for (let i = 0; i < indexes.length; i += 1) {
      const frame = indexes[i] as number
      const flags = frames.flags[frame] as number
      if ((flags & sampledFlag) === 0) continue
      const isZero = (flags & zeroFlag) !== 0
      const weight = isZero ? 1 : this.#scale
      // Each of a frame's k sites saves (k−1)/k of a page.
      sums.merged += weight * (1 - 1 / this.#groups.frames.sites(frame))
      if (isZero) sums.zeroMerged += 1
      else if ((flags & cachedFlag) !== 0 && this.#groups.frames.isCachedFor(frame, guest))
        sums.cached += weight
      if ((flags & identicalFlag) === 0) continue
      sums.identical += weight
      sums.mergeable += (frames.mergeable[frame] as number) * weight
      if (!isZero) this.pairs.addPages(guest, frames.once, frames.twice, frame * this.#words, weight)
    }
  }
}

/**
 * Figures of all guests, in bytes. Where contents were sampled, all of them except zero and resident pages are estimates. Throws
 * `cancelled`.
 */
export async function summarizeSnapshot(
  groups: ContentGroups,
  ksmZeroPages: readonly number[],
  pace: Pick<Pace, 'advance' | 'rest'>,
): Promise<SnapshotSummary> {
  const summary = new Summary(groups)
  await summary.walkGroups(pace)
  const isSampled = groups.records.sampledRatio < 1
  return {
    guests: groups.guests.map((guest, index) =>
      toBytes(guest, summary.sums[index] as GuestSums, ksmZeroPages[index] ?? 0, isSampled),
    ),
    mergeable: estimateMergeable(groups, summary),
    sharedPages: (a, b) => {
      const { pairs, zeroHolders } = summary
      const { zeroMerged } = summary.sums[a] as GuestSums
      const { zeroPrivatePages, zeroUnmergeablePages } = groups.guests[a] as GuestPages
      const sharesZeros = a === b ? zeroHolders.hasTwice(a) : zeroHolders.has(b)
      const zero = sharesZeros ? zeroPrivatePages + zeroUnmergeablePages + zeroMerged : 0
      return { identical: Math.round(pairs.pagesShared(a, b)) + zero, zero }
    },
  }
}

function toBytes(guest: GuestPages, sums: GuestSums, ksmZeroPages: number, isSampled: boolean): GuestSummary {
  // Estimates may pass what there is; counts cannot (see check-figures.ts).
  const atMost = isSampled ? guest.presentPages : Number.POSITIVE_INFINITY
  // Counted before the scan: guests may have written to some of these pages since.
  const givenPages = Math.min(ksmZeroPages, guest.kernelZeroPages)
  return {
    residentBytes: guest.presentPages * pageSize,
    zeroBytes: (guest.zeroPrivatePages + guest.zeroUnmergeablePages + sums.zeroMerged) * pageSize,
    // Pages that KSM gave back by mapping the kernel's zero page are saved as a whole.
    mergedBytes: Math.round(Math.min(atMost, sums.merged + givenPages) * pageSize),
    freedZeroBytes: (guest.kernelZeroPages - givenPages) * pageSize,
    identicalBytes: Math.min(atMost, Math.round(sums.identical)) * pageSize,
    mergeableBytes: Math.round(Math.min(atMost, sums.mergeable) * pageSize),
    doubleCachedBytes: Math.min(atMost, Math.round(sums.cached)) * pageSize,
  }
}

/**
 * KSM would free all frames that it may share, or shares already, except one for each content. All frames are counted. Only
 * the number of contents (less merged frames) is estimated where contents were sampled: each content is kept as a whole
 * with probability p, so the estimate is the number sampled / p, with the standard error sqrt(sum of squares x (1 - p)) / p.
 * A content with a million copies therefore weighs no more than one with two.
 */
function estimateMergeable(groups: ContentGroups, summary: Summary): Estimate {
  const p = groups.records.sampledRatio
  const privatePages = groups.guests.reduce(
    (sum, guest) => sum + guest.privatePages - guest.zeroPrivatePages,
    0,
  )
  const pages = privatePages - summary.surplus / p + summary.zeroFreeable
  const margin = (normal95 * Math.sqrt(summary.surplusSquares * (1 - p))) / p
  return { bytes: Math.max(0, Math.round(pages)) * pageSize, marginBytes: Math.ceil(margin) * pageSize }
}
