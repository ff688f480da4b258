// A sample of a guest's pages, followed from look to look. Pure.

/** Instead of a hash. */
export const absentPage = -1
/** So much of the sample has another content: the memory is not what was measured. */
const turnoverRatio = 0.15
/** Looks in which the first page stayed as it was, before a change of it tells of a reset. */
const quietLooks = 3

export class SampledGuest {
  readonly startTime: string
  readonly addresses: readonly number[]
  readonly #hashes: ReadonlyMap<number, number>
  /** The first page of RAM: firmware writes it at each reset and Linux never (the BIOS data area of x86). */
  readonly #firstPage: number | undefined
  #firstHash: number | undefined
  #firstQuietLooks = 0

  /** `beginsWithRam`: the first address is that of the first page of RAM. */
  constructor(
    startTime: string,
    addresses: readonly number[],
    hashes: ReadonlyMap<number, number>,
    beginsWithRam: boolean,
  ) {
    this.startTime = startTime
    this.addresses = addresses
    this.#hashes = hashes
    this.#firstPage = beginsWithRam ? addresses[0] : undefined
    this.#firstHash = this.#firstPage === undefined ? undefined : hashes.get(this.#firstPage)
  }

  /** True where the guest was reset or much of its memory has changed; pages that could not be read are left out. */
  follow(now: ReadonlyMap<number, number>): boolean {
    const wasReset = this.#wasReset(now)
    let changed = 0
    for (const [address, hash] of this.#hashes) if ((now.get(address) ?? hash) !== hash) changed += 1
    return wasReset || (this.#hashes.size > 0 && changed >= turnoverRatio * this.#hashes.size)
  }

  #wasReset(now: ReadonlyMap<number, number>): boolean {
    if (this.#firstPage === undefined) return false
    const hash = now.get(this.#firstPage)
    if (hash === undefined) return false
    const isSame = hash === this.#firstHash
    const wasQuiet = this.#firstQuietLooks >= quietLooks
    this.#firstHash = hash
    this.#firstQuietLooks = isSame ? this.#firstQuietLooks + 1 : 0
    return !isSame && wasQuiet
  }
}
