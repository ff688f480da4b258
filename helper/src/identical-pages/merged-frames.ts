// Frames that KSM has merged, with the hash of each, kept from one scan to the next: a merged page is write-protected,
// so as long as it stays merged its content stays, and it need not be read again.
//
// What is guaranteed. While ksmd has finished no pass since a frame was read, its hash is taken for granted if the frame
// is still flagged as merged, or mapped more than once. A frame whose merged page went away could become another merged page only if ksmd looked
// twice at a page, one pass apart, and the kernel moved that page into the very frame in between (compaction): then one
// page would count with its old content until ksmd's next pass. Nothing is lost by it: see page-hash.ts. Once ksmd has
// finished a pass, all is forgotten and read anew.
import { isNearShared } from '../procfs/pagemap.ts'
import { FrameSet } from './frame-set.ts'

/** Frames beyond (16 TiB) are not remembered. */
const MAX_FRAME = 2 ** 32
const SMALLEST_TABLE = 1024
const MAX_LOAD = 0.75
/** Frames whose numbers differ only in these bits lie side by side in the table, as neighbours are asked for in turn. */
const NEIGHBOUR_BITS = 4
const NEIGHBOURS = 2 ** NEIGHBOUR_BITS
const EMPTY = 0
/** Sites seen in this scan (0: not confirmed by it yet), a bit for each guest with one, and for each with two. */
const SEEN_WORDS = 3

export class MergedFrames {
  count = 0
  /** Frames of one process that were not merged when last looked at, in this pass of ksmd. */
  readonly ownFrames = new FrameSet()
  /** Pairs: frame number, index + 1. Its length is a power of two. Signed words, as the engine adds no checks to them. */
  private table = new Int32Array(SMALLEST_TABLE * 2)
  private shift = shiftFor(SMALLEST_TABLE)
  private frames = new Uint32Array(SMALLEST_TABLE)
  private hashes = new Uint32Array(SMALLEST_TABLE * 2)
  private seen = new Int32Array(SMALLEST_TABLE * SEEN_WORDS)
  /** Indexes by hash, of the frames that `isOrdered` marks: a scan that knows them need not sort them again. */
  private order = new Uint32Array(SMALLEST_TABLE)
  private orderedCount = 0
  private isOrdered = new Uint8Array(SMALLEST_TABLE)
  private pass: string | undefined

  /** `ksmdPass` names ksmd's pass, undefined where it is not known: then nothing is taken over from the last scan. */
  beginScan(ksmdPass: string | undefined): void {
    const isSamePass = ksmdPass !== undefined && ksmdPass === this.pass
    this.pass = ksmdPass
    if (isSamePass) this.takeOver()
    else this.forget()
  }

  private forget(): void {
    this.count = 0
    this.orderedCount = 0
    this.ownFrames.clear()
    this.table.fill(EMPTY)
  }

  /** What the last scan did not see is gone. */
  private takeOver(): void {
    let index = 0
    while (index < this.count && this.sites(index) > 0) index += 1
    if (index < this.count) this.closeUp()
    this.seen.fill(0, 0, this.count * SEEN_WORDS)
  }

  private closeUp(): void {
    const { count, frames, hashes, isOrdered, order } = this
    const kept = new Uint32Array(count)
    this.count = 0
    this.table.fill(EMPTY)
    // Indexes only fall, so that the lists are closed up in place.
    for (let i = 0; i < count; i += 1) {
      if (this.sites(i) === 0) continue
      const wasOrdered = isOrdered[i] as number
      const index = this.add(frames[i] as number, hashes[i * 2] as number, hashes[i * 2 + 1] as number)
      isOrdered[index] = wasOrdered
      kept[i] = index + 1
    }
    let ordered = 0
    for (let i = 0; i < this.orderedCount; i += 1) {
      const index = (kept[order[i] as number] as number) - 1
      if (index < 0) continue
      order[ordered] = index
      ordered += 1
    }
    this.orderedCount = ordered
  }

  /** -1: not known. */
  indexOf(frame: number): number {
    return frame < MAX_FRAME ? findIndex(this.table, this.shift, frame | 0) : -1
  }

  /**
   * Counts a site of a guest for each page, by their page-map entries, as long as they lie in shared frames that are
   * known, and writes the frames' indexes to `indexes`. Returns where the first other page lies: `to` if there is none.
   */
  addKnownSites(
    entries: Int32Array,
    from: number,
    to: number,
    guestBit: number,
    indexes: Uint32Array,
    end: number,
  ): number {
    const { table, shift, seen } = this
    let at = from
    for (; at < to; at += 1) {
      const frame = entries[at * 2] as number
      if (!isNearShared(entries[at * 2 + 1] as number)) break
      const index = findIndex(table, shift, frame)
      if (index < 0) break
      countSite(seen, index, guestBit)
      indexes[end + at - from] = index
    }
    return at
  }

  add(frame: number, lower: number, upper: number): number {
    if (this.count === this.frames.length) this.growLists()
    if (this.count >= (this.table.length / 2) * MAX_LOAD) this.growTable()
    const index = this.count
    this.count += 1
    this.frames[index] = frame
    this.hashes[index * 2] = lower
    this.hashes[index * 2 + 1] = upper
    this.seen.fill(0, index * SEEN_WORDS, (index + 1) * SEEN_WORDS)
    this.isOrdered[index] = 0
    if (frame < MAX_FRAME) this.put(frame, index)
    return index
  }

  addSite(index: number, guestBit: number): void {
    countSite(this.seen, index, guestBit)
  }

  /** Scanned sites that share the frame. */
  sites(index: number): number {
    return this.seen[index * SEEN_WORDS] as number
  }

  lower(index: number): number {
    return this.hashes[index * 2] as number
  }

  upper(index: number): number {
    return this.hashes[index * 2 + 1] as number
  }

  /** A bit for each guest with a site. */
  holders(index: number): number {
    return this.seen[index * SEEN_WORDS + 1] as number
  }

  /** A bit for each guest with two sites and more. */
  repeaters(index: number): number {
    return this.seen[index * SEEN_WORDS + 2] as number
  }

  /** At most so many does `selectOrdered` tell. */
  get knownOrdered(): number {
    return this.orderedCount
  }

  /** Frames with sites that earlier scans have not put in order. Returns how many. */
  forEachNew(visit: (index: number) => void): number {
    let visited = 0
    for (let index = 0; index < this.count; index += 1) {
      if (this.isOrdered[index] !== 0 || this.sites(index) === 0) continue
      visit(index)
      visited += 1
    }
    return visited
  }

  /** Those in order, by their hash, as far as they have sites and `isWanted`; valid until `beginOrder`. */
  selectOrdered(isWanted: (lower: number, upper: number) => boolean): Uint32Array {
    const { order, hashes, isOrdered } = this
    let selected = 0
    for (let i = 0; i < this.orderedCount; i += 1) {
      const index = order[i] as number
      const lower = hashes[index * 2] as number
      if (this.sites(index) > 0 && isWanted(lower, hashes[index * 2 + 1] as number)) {
        order[selected] = index
        selected += 1
      } else {
        isOrdered[index] = 0
      }
    }
    this.orderedCount = selected
    return order.subarray(0, selected)
  }

  /** Before all frames with sites are given by `addInOrder`, by their hash. */
  beginOrder(): void {
    this.isOrdered.fill(0, 0, this.count)
    this.orderedCount = 0
  }

  addInOrder(index: number): void {
    this.order[this.orderedCount] = index
    this.orderedCount += 1
    this.isOrdered[index] = 1
  }

  private put(frame: number, index: number): void {
    const { table } = this
    let at = slotOf(frame, this.shift)
    while (table[at + 1] !== EMPTY) at = (at + 2) & (table.length - 1)
    table[at] = frame
    table[at + 1] = index + 1
  }

  private growTable(): void {
    this.table = new Int32Array(this.table.length * 2)
    this.shift = shiftFor(this.table.length / 2)
    for (let index = 0; index < this.count; index += 1) {
      const frame = this.frames[index] as number
      if (frame < MAX_FRAME) this.put(frame, index)
    }
  }

  private growLists(): void {
    this.frames = enlarge(this.frames)
    this.hashes = enlarge(this.hashes)
    const seen = new Int32Array(this.frames.length * SEEN_WORDS)
    seen.set(this.seen)
    this.seen = seen
    this.order = enlarge(this.order)
    const isOrdered = new Uint8Array(this.frames.length)
    isOrdered.set(this.isOrdered)
    this.isOrdered = isOrdered
  }
}

/** For a table of so many pairs. */
function shiftFor(pairs: number): number {
  return 32 - Math.log2(pairs / NEIGHBOURS)
}

function slotOf(frame: number, shift: number): number {
  const group = Math.imul(frame >>> NEIGHBOUR_BITS, 0x9e37_79b1) >>> shift
  return ((group << NEIGHBOUR_BITS) | (frame & (NEIGHBOURS - 1))) * 2
}

function findIndex(table: Int32Array, shift: number, frame: number): number {
  let at = slotOf(frame, shift)
  for (;;) {
    const index = table[at + 1] as number
    if (index === EMPTY) return -1
    if (table[at] === frame) return index - 1
    at = (at + 2) & (table.length - 1)
  }
}

function countSite(seen: Int32Array, index: number, guestBit: number): void {
  const at = index * SEEN_WORDS
  const once = seen[at + 1] as number
  seen[at] = (seen[at] as number) + 1
  seen[at + 1] = once | guestBit
  if ((once & guestBit) !== 0) seen[at + 2] = (seen[at + 2] as number) | guestBit
}

function enlarge(words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.ceil(words.length / 4) * 6)
  larger.set(words)
  return larger
}
