// Memory that two threads share, in slots of one window of a guest's RAM each. Messages only say whose turn it is:
// hashes in messages would be copied twice, into new memory each time.
import type { PresentRun } from '../../kernel/present-pages.ts'
import { type SiteKind, siteKind } from '../records/record-layout.ts'

/** Pages of 4 KiB: a window of 32 MiB. */
export const slotPages = 8192
/** One being read and one waiting keep the thread busy. */
export const slotCount = 2

const hashWords = slotPages * 2
const startsBytes = slotPages * 8
const runsBytes = slotPages * 4
const hashesBytes = hashWords * 4
const slotBytes = startsBytes + runsBytes + 2 * hashesBytes

const kindShift = 16

export class ReadSlot {
  readonly #starts: Float64Array
  /** Pages of each run, and their kind. */
  readonly #runs: Uint32Array
  readonly #hashes: readonly [ofPrivate: Uint32Array, ofUnmergeable: Uint32Array]

  constructor(memory: SharedArrayBuffer, slot: number) {
    const at = slot * slotBytes
    const hashesAt = at + startsBytes + runsBytes
    this.#starts = new Float64Array(memory, at, slotPages)
    this.#runs = new Uint32Array(memory, at + startsBytes, slotPages)
    this.#hashes = [
      new Uint32Array(memory, hashesAt, hashWords),
      new Uint32Array(memory, hashesAt + hashesBytes, hashWords),
    ]
  }

  /** At most as many pages as a slot has room for. */
  putRun(index: number, { start, pages }: PresentRun, kind: SiteKind): void {
    this.#starts[index] = start
    this.#runs[index] = (kind << kindShift) | pages
  }

  /** Address of the first page of a run. */
  startOf(index: number): number {
    return this.#starts[index] as number
  }

  /** Pages of a run. */
  pagesOf(index: number): number {
    return (this.#runs[index] as number) & (2 ** kindShift - 1)
  }

  /** Kind of all pages of a run. */
  kindOf(index: number): SiteKind {
    return ((this.#runs[index] as number) >>> kindShift) as SiteKind
  }

  /** Hashes of pages of one kind, as pairs of words. */
  hashesOf(kind: SiteKind): Uint32Array {
    return this.#hashes[kind === siteKind.private ? 0 : 1]
  }
}

/** Memory for all slots of two threads. */
export function allocateSlots(): SharedArrayBuffer {
  return new SharedArrayBuffer(slotCount * slotBytes)
}
