// Pages of a strip added up in blocks, so that a view of a whole host of a TiB reads sums and not 270 million pages.
import { pageStates, type StripKind } from '../../../src/shared/contract/memory-map.ts'
import type { Pace } from '../pacing/pace.ts'
import { stateTables } from './page-bits.ts'

/** 16 MiB. Sums of a block fit into 16 bits, and take 20 bytes for 4096 pages. */
const blockPages = 4096
const states = pageStates.length

export class StripSums {
  /** Of each byte that a page may have, how many pages have it. */
  readonly byBits = new Float64Array(256)
  readonly #bits: Uint8Array
  readonly #table: Uint8Array
  /** Of each block: its pages by state. */
  readonly #blocks: Uint16Array

  /** Of pages that do not change any more. `addAll` or `addInTurns` them before anything is asked. */
  constructor(bits: Uint8Array, kind: StripKind) {
    this.#bits = bits
    this.#table = stateTables[kind]
    this.#blocks = new Uint16Array(Math.ceil(bits.length / blockPages) * states)
  }

  addAll(): void {
    for (let block = 0; block * blockPages < this.#bits.length; block += 1) this.#addBlock(block)
  }

  /** Lets other requests have their turn. Throws `cancelled`. */
  async addInTurns(pace: Pace): Promise<void> {
    for (let block = 0; block * blockPages < this.#bits.length; block += 1) {
      this.#addBlock(block)
      if (pace.advance(0)) await pace.rest('adding up pages')
    }
  }

  /** Adds the pages from `from` to `to` to `counts`, which has a place for each state. */
  count(from: number, to: number, counts: Uint32Array): void {
    const firstWhole = Math.ceil(from / blockPages)
    const endWhole = to === this.#bits.length ? Math.ceil(to / blockPages) : Math.floor(to / blockPages)
    if (firstWhole >= endWhole) {
      this.#countPages(from, to, counts)
      return
    }
    this.#countPages(from, firstWhole * blockPages, counts)
    for (let at = firstWhole * states; at < endWhole * states; at += states)
      for (let state = 0; state < states; state += 1)
        counts[state] = (counts[state] as number) + (this.#blocks[at + state] as number)
    if (endWhole * blockPages < to) this.#countPages(endWhole * blockPages, to, counts)
  }

  #countPages(from: number, to: number, counts: Uint32Array): void {
    for (let page = from; page < to; page += 1) {
      const state = this.#table[this.#bits[page] as number] as number
      counts[state] = (counts[state] as number) + 1
    }
  }

  #addBlock(block: number): void {
    const at = block * states
    const end = Math.min(this.#bits.length, (block + 1) * blockPages)
    for (let page = block * blockPages; page < end; page += 1) {
      const byte = this.#bits[page] as number
      this.byBits[byte] = (this.byBits[byte] as number) + 1
      const state = at + (this.#table[byte] as number)
      this.#blocks[state] = (this.#blocks[state] as number) + 1
    }
  }
}
