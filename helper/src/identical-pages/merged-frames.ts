// Frames that KSM has merged, with the hash of each, kept from one scan to the next: a merged page is write-protected,
// so as long as it stays merged its content stays, and it need not be read again.
//
// What is guaranteed. While ksmd has finished no pass since a frame was read, its hash is taken for granted if the frame
// is still flagged as merged, or mapped more than once. A frame whose merged page went away could become another merged page only if ksmd looked
// twice at a page, one pass apart, and the kernel moved that page into the very frame in between (compaction): then one
// page would count with its old content until ksmd's next pass. Nothing is lost by it: see page-hash.ts. Once ksmd has
// finished a pass, all is forgotten and read anew.
import { FrameSet } from './frame-set.ts'

/** Frames beyond (16 TiB) are not remembered. */
const MAX_FRAME = 2 ** 32
const SMALLEST_TABLE = 1024
const MAX_LOAD = 0.75
/** Frames whose numbers differ only in these bits lie side by side in the table, as neighbours are asked for in turn. */
const NEIGHBOUR_BITS = 4
const NEIGHBOURS = 2 ** NEIGHBOUR_BITS
const EMPTY = 0

export class MergedFrames {
  count = 0
  /** Frames of one process that were not merged when last looked at, in this pass of ksmd. */
  readonly ownFrames = new FrameSet()
  /** Pairs: frame number, index + 1. */
  private table = new Uint32Array(SMALLEST_TABLE * 2)
  private frames = new Uint32Array(SMALLEST_TABLE)
  private hashes = new Uint32Array(SMALLEST_TABLE * 2)
  /** Sites seen in this scan; 0: not confirmed by it yet. */
  private siteCounts = new Uint32Array(SMALLEST_TABLE)
  private once = new Uint32Array(SMALLEST_TABLE)
  private twice = new Uint32Array(SMALLEST_TABLE)
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
    const firstGone = this.siteCounts.indexOf(0)
    if (firstGone >= 0 && firstGone < this.count) this.closeUp()
    this.siteCounts.fill(0, 0, this.count)
    this.once.fill(0, 0, this.count)
    this.twice.fill(0, 0, this.count)
  }

  private closeUp(): void {
    const { count, siteCounts, frames, hashes, isOrdered, order } = this
    const kept = new Uint32Array(count)
    this.count = 0
    this.table.fill(EMPTY)
    // Indexes only fall, so that the lists are closed up in place.
    for (let i = 0; i < count; i += 1) {
      if ((siteCounts[i] as number) === 0) continue
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
    const { table } = this
    let at = this.slotOf(frame)
    for (;;) {
      const index = table[at + 1] as number
      if (index === EMPTY) return -1
      if (table[at] === frame) return index - 1
      at = at + 2 === table.length ? 0 : at + 2
    }
  }

  add(frame: number, lower: number, upper: number): number {
    if (this.count === this.frames.length) this.growLists()
    if (this.count >= (this.table.length / 2) * MAX_LOAD) this.growTable()
    const index = this.count
    this.count += 1
    this.frames[index] = frame
    this.hashes[index * 2] = lower
    this.hashes[index * 2 + 1] = upper
    this.siteCounts[index] = 0
    this.once[index] = 0
    this.twice[index] = 0
    this.isOrdered[index] = 0
    if (frame < MAX_FRAME) this.put(frame, index)
    return index
  }

  addSite(index: number, guestBit: number): void {
    const once = this.once[index] as number
    if ((once & guestBit) !== 0) this.twice[index] = (this.twice[index] as number) | guestBit
    this.once[index] = once | guestBit
    this.siteCounts[index] = (this.siteCounts[index] as number) + 1
  }

  /** Scanned sites that share the frame. */
  sites(index: number): number {
    return this.siteCounts[index] as number
  }

  lower(index: number): number {
    return this.hashes[index * 2] as number
  }

  upper(index: number): number {
    return this.hashes[index * 2 + 1] as number
  }

  /** A bit for each guest with a site. */
  holders(index: number): number {
    return this.once[index] as number
  }

  /** A bit for each guest with two sites and more. */
  repeaters(index: number): number {
    return this.twice[index] as number
  }

  /** At most so many does `selectOrdered` tell. */
  get knownOrdered(): number {
    return this.orderedCount
  }

  /** Frames with sites that earlier scans have not put in order. Returns how many. */
  forEachNew(visit: (index: number) => void): number {
    let visited = 0
    for (let index = 0; index < this.count; index += 1) {
      if (this.isOrdered[index] !== 0 || (this.siteCounts[index] as number) === 0) continue
      visit(index)
      visited += 1
    }
    return visited
  }

  /** Those in order, by their hash, as far as they have sites and `isWanted`; valid until `beginOrder`. */
  selectOrdered(isWanted: (lower: number, upper: number) => boolean): Uint32Array {
    const { order, hashes, siteCounts, isOrdered } = this
    let selected = 0
    for (let i = 0; i < this.orderedCount; i += 1) {
      const index = order[i] as number
      const lower = hashes[index * 2] as number
      if ((siteCounts[index] as number) > 0 && isWanted(lower, hashes[index * 2 + 1] as number)) {
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

  private slotOf(frame: number): number {
    const groups = this.table.length / 2 / NEIGHBOURS
    const group = Math.imul(frame >>> NEIGHBOUR_BITS, 0x9e37_79b1) >>> 0
    return (Math.floor((group / 2 ** 32) * groups) * NEIGHBOURS + (frame & (NEIGHBOURS - 1))) * 2
  }

  private put(frame: number, index: number): void {
    const { table } = this
    let at = this.slotOf(frame)
    while (table[at + 1] !== EMPTY) at = at + 2 === table.length ? 0 : at + 2
    table[at] = frame
    table[at + 1] = index + 1
  }

  private growTable(): void {
    this.table = new Uint32Array(Math.ceil((this.table.length * 1.5) / (NEIGHBOURS * 2)) * NEIGHBOURS * 2)
    for (let index = 0; index < this.count; index += 1) this.put(this.frames[index] as number, index)
  }

  private growLists(): void {
    this.frames = enlarge(this.frames)
    this.hashes = enlarge(this.hashes)
    this.siteCounts = enlarge(this.siteCounts)
    this.once = enlarge(this.once)
    this.twice = enlarge(this.twice)
    this.order = enlarge(this.order)
    const isOrdered = new Uint8Array(this.frames.length)
    isOrdered.set(this.isOrdered)
    this.isOrdered = isOrdered
  }
}

function enlarge(words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.ceil(words.length / 4) * 6)
  larger.set(words)
  return larger
}
