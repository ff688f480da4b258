// What two threads hand each other: memory that both see, in slots of one window of a guest's RAM each. Messages only
// say whose turn it is: passing hashes in them would copy each window twice, into memory that is new each time.
import type { PresentRun } from '../../kernel/present-pages.ts'
import { type SiteKind, siteKind } from '../records/record-layout.ts'

/** Of 4 KiB: a window of 32 MiB. */
export const SLOT_PAGES = 8192
/** One in work and one in waiting keep the thread busy. */
export const SLOTS = 2

const HASH_WORDS = SLOT_PAGES * 2
const STARTS_BYTES = SLOT_PAGES * 8
const RUNS_BYTES = SLOT_PAGES * 4
const HASHES_BYTES = HASH_WORDS * 4
const SLOT_BYTES = STARTS_BYTES + RUNS_BYTES + 2 * HASHES_BYTES

const KIND_SHIFT = 16

export class ReadSlot {
  readonly #starts: Float64Array
  /** Pages of each run, and their kind. */
  readonly #runs: Uint32Array
  readonly #hashes: readonly [own: Uint32Array, fixed: Uint32Array]

  constructor(memory: SharedArrayBuffer, slot: number) {
    const at = slot * SLOT_BYTES
    const hashesAt = at + STARTS_BYTES + RUNS_BYTES
    this.#starts = new Float64Array(memory, at, SLOT_PAGES)
    this.#runs = new Uint32Array(memory, at + STARTS_BYTES, SLOT_PAGES)
    this.#hashes = [
      new Uint32Array(memory, hashesAt, HASH_WORDS),
      new Uint32Array(memory, hashesAt + HASHES_BYTES, HASH_WORDS),
    ]
  }

  /** At most as many pages as a slot has room for. */
  putRun(index: number, { start, pages }: PresentRun, kind: SiteKind): void {
    this.#starts[index] = start
    this.#runs[index] = (kind << KIND_SHIFT) | pages
  }

  startOf(index: number): number {
    return this.#starts[index] as number
  }

  pagesOf(index: number): number {
    return (this.#runs[index] as number) & (2 ** KIND_SHIFT - 1)
  }

  kindOf(index: number): SiteKind {
    return ((this.#runs[index] as number) >>> KIND_SHIFT) as SiteKind
  }

  /** Of pages of one kind, as pairs of words. */
  hashesOf(kind: SiteKind): Uint32Array {
    return this.#hashes[kind === siteKind.private ? 0 : 1]
  }
}

export function allocateSlots(): SharedArrayBuffer {
  return new SharedArrayBuffer(SLOTS * SLOT_BYTES)
}
