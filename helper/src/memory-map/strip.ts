// One strip of a map: a byte for each page, and the hash of each page whose content was compared.
import { pageStates, pageTraits, type StripKind } from '../../../src/shared/contract/memory-map.ts'
import { HugeBuffer } from '../kernel/mappings.ts'
import { stateTables, traitTables } from './page-bits.ts'
import { StripSums } from './strip-sums.ts'

export interface StripAbout {
  readonly kind: StripKind
  readonly pid?: number
  readonly name: string
  readonly path?: string
  readonly id?: string
  readonly guests?: readonly number[]
}

/** Pages that are never touched cost no memory. `release` it. */
export class Strip {
  readonly about: StripAbout
  readonly pages: number
  readonly bits: Uint8Array
  /** Lower and upper halves, one pair a page; empty where contents are not read. */
  readonly hashes: Uint32Array
  /** Of its pages once they are all read and compared. */
  readonly sums: StripSums
  readonly #memory: HugeBuffer | undefined

  constructor(about: StripAbout, pages: number, contents: boolean) {
    this.about = about
    this.pages = pages
    const length = pages * (contents ? 9 : 1)
    this.#memory = length > 0 ? new HugeBuffer(length + 8) : undefined
    const buffer = this.#memory?.bytes.buffer ?? new ArrayBuffer(0)
    const hashBytes = contents ? pages * 8 : 0
    this.hashes = new Uint32Array(buffer, 0, hashBytes / 4)
    this.bits = new Uint8Array(buffer, hashBytes, pages)
    this.sums = new StripSums(this.bits, about.kind)
  }

  release(): void {
    this.#memory?.release()
  }

  /** Pages by state and by trait, in the order of the contract. */
  count(): { readonly states: number[]; readonly traits: number[] } {
    const states = pageStates.map(() => 0)
    const traits = pageTraits.map(() => 0)
    const { kind } = this.about
    this.sums.byBits.forEach((pages, byte) => {
      if (pages === 0) return
      const state = stateTables[kind][byte] as number
      states[state] = (states[state] ?? 0) + pages
      const those = traitTables[kind][byte] as number
      traits.forEach((sum, trait) => {
        if ((those & (1 << trait)) !== 0) traits[trait] = sum + pages
      })
    })
    return { states, traits }
  }
}
