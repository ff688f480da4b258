// A hash table from frame numbers to indexes: open addressing in one array of signed words, to which the engine adds no
// checks.

/** Frames beyond (16 TiB) are not kept. */
export const maxFrame = 2 ** 32
const minPairs = 1024
const maxLoadRatio = 0.75
/** Frames whose numbers differ only in these bits lie side by side in the table, as neighbours are asked for in turn. */
const neighbourBits = 4
const neighbours = 2 ** neighbourBits
const emptySlot = 0

export class FrameTable {
  /** Pairs: frame number, index + 1. Its length is a power of two. For `findIndex` in loops. */
  pairs = new Int32Array(minPairs * 2)
  /** Of the hash, for a table of this length. */
  shift = shiftFor(minPairs)

  /** -1: not known. */
  indexOf(frame: number): number {
    return frame < maxFrame ? findIndex(this.pairs, this.shift, frame | 0) : -1
  }

  /** Leaves an empty table of the same length. */
  clear(): void {
    this.pairs.fill(emptySlot)
  }

  /** Whether it must grow before one more than `count` frames are in it. */
  isFull(count: number): boolean {
    return count >= (this.pairs.length / 2) * maxLoadRatio
  }

  /** Leaves an empty table of twice the length. */
  grow(): void {
    this.pairs = new Int32Array(this.pairs.length * 2)
    this.shift = shiftFor(this.pairs.length / 2)
  }

  /** A frame below `maxFrame` that is not in the table. There must be room. */
  put(frame: number, index: number): void {
    const { pairs } = this
    let at = slotOf(frame, this.shift)
    while (pairs[at + 1] !== emptySlot) at = (at + 2) & (pairs.length - 1)
    pairs[at] = frame
    pairs[at + 1] = index + 1
  }
}

/** Among the pairs of a table; -1: not known. `frame` is signed, as the lower word of a page-map entry is. */
export function findIndex(pairs: Int32Array, shift: number, frame: number): number {
  let at = slotOf(frame, shift)
  for (;;) {
    const index = pairs[at + 1] as number
    if (index === emptySlot) return -1
    if (pairs[at] === frame) return index - 1
    at = (at + 2) & (pairs.length - 1)
  }
}

/** For a table of so many pairs. */
function shiftFor(pairs: number): number {
  return 32 - Math.log2(pairs / neighbours)
}

function slotOf(frame: number, shift: number): number {
  const group = Math.imul(frame >>> neighbourBits, 0x9e37_79b1) >>> shift
  return ((group << neighbourBits) | (frame & (neighbours - 1))) * 2
}
