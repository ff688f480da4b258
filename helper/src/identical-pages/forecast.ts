// Forecasts what merging would free on hosts too big for a full table of hashes, by distinct sampling.
//
// Of all hashes only those of one residue class (their lowest `level` bits are zero) are kept, so that each content
// is sampled as a whole or not at all, with the chance p = 2^-level. When the table is full the class is halved
// (adaptive sampling: Wegman; Flajolet 1990). All pages are counted; only the number of different contents D is
// estimated, as sampled / p: unbiased, and a content with a million copies weighs no more than one with two.
// Standard error of D: sqrt(sampled x (1 - p)) / p.

const SLOT_WORDS = 2
const MAX_LOAD = 0.72
const SMALLEST_CAPACITY = 1024
/** 36 MiB in all; at worst 1.5 million sampled contents: D to 0.16 % in 95 of 100 cases. */
const DEFAULT_CAPACITY = 4 * 1024 * 1024

// What is known of a sampled content. Zero: the slot is empty.
const OWN = 1
const REPEATED = 2
const MERGED = 4

const NORMAL_95 = 1.96

/** A number of pages and its 95 % margin: the truth is within `pages` ± `marginPages` in 95 of 100 forecasts. */
export interface Estimate {
  readonly pages: number
  readonly marginPages: number
}

export interface Forecast {
  /** Counted, not estimated: unmerged pages that KSM may merge. */
  readonly ownPages: number
  /** What merging would free: own pages less one for each content that is not merged yet. */
  readonly mergeable: Estimate
  /** Own pages whose content occurs elsewhere, in an own or in a merged page. */
  readonly identical: Estimate
  /** 1 = every content was kept: the figures are exact. */
  readonly sampledRatio: number
  readonly memoryBytes: number
}

export class MergeForecast {
  readonly capacity: number
  private readonly hashes: Uint32Array
  private readonly flags: Uint8Array
  private readonly scale: number
  private mask = 0
  private used = 0
  private ownPages = 0

  /** `capacity` slots of 9 bytes are allocated at once and never more. */
  constructor(capacity = DEFAULT_CAPACITY) {
    this.capacity = Math.max(SMALLEST_CAPACITY, Math.floor(capacity))
    this.hashes = new Uint32Array(this.capacity * SLOT_WORDS)
    this.flags = new Uint8Array(this.capacity)
    this.scale = this.capacity / 0x1_0000_0000
  }

  /** One unmerged page that KSM may merge. Both halves of its hash must be evenly spread. */
  addOwn(lower: number, upper: number): void {
    this.ownPages += 1
    if ((lower & this.mask) !== 0) return
    const slot = this.slotOf(lower, upper)
    const known = this.flags[slot] as number
    if (known === 0) this.occupy(slot, lower, upper, OWN)
    else this.flags[slot] = known & OWN ? known | REPEATED : known | OWN
  }

  /** One frame that KSM has merged: its content frees a page for every own page that joins it. */
  addMerged(lower: number, upper: number): void {
    if ((lower & this.mask) !== 0) return
    const slot = this.slotOf(lower, upper)
    const known = this.flags[slot] as number
    if (known === 0) this.occupy(slot, lower, upper, MERGED)
    else this.flags[slot] = known | MERGED
  }

  forecast(): Forecast {
    let unmerged = 0
    let single = 0
    for (let slot = 0; slot < this.capacity; slot += 1) {
      const known = this.flags[slot] as number
      if ((known & (OWN | MERGED)) !== OWN) continue
      unmerged += 1
      if ((known & REPEATED) === 0) single += 1
    }
    return {
      ownPages: this.ownPages,
      mergeable: this.ownPagesLess(unmerged),
      identical: this.ownPagesLess(single),
      sampledRatio: this.sampledRatio,
      memoryBytes: this.hashes.byteLength + this.flags.byteLength,
    }
  }

  private get sampledRatio(): number {
    return 1 / (this.mask + 1)
  }

  private ownPagesLess(sampled: number): Estimate {
    const p = this.sampledRatio
    const estimate = this.ownPages - sampled / p
    return {
      pages: Math.min(this.ownPages, Math.max(0, Math.round(estimate))),
      marginPages: Math.ceil((NORMAL_95 * Math.sqrt(sampled * (1 - p))) / p),
    }
  }

  /** The slot of a hash, or the empty one where it belongs. */
  private slotOf(lower: number, upper: number): number {
    const { hashes, flags, capacity } = this
    let slot = Math.floor(upper * this.scale)
    while (
      flags[slot] !== 0 &&
      (hashes[slot * SLOT_WORDS] !== lower || hashes[slot * SLOT_WORDS + 1] !== upper)
    ) {
      slot += 1
      if (slot === capacity) slot = 0
    }
    return slot
  }

  private occupy(slot: number, lower: number, upper: number, flag: number): void {
    // Only hashes forged to share all their low bits get here; one slot must stay empty for probing to end.
    if (this.used >= this.capacity - 1) return
    this.put(slot, lower, upper, flag)
    this.used += 1
    while (this.used > this.capacity * MAX_LOAD && this.mask < 0x7fff_ffff) this.tighten()
  }

  private put(slot: number, lower: number, upper: number, flag: number): void {
    this.hashes[slot * SLOT_WORDS] = lower
    this.hashes[slot * SLOT_WORDS + 1] = upper
    this.flags[slot] = flag
  }

  /** Halves the class and moves what stays towards its place, in the same memory. */
  private tighten(): void {
    this.mask = this.mask * 2 + 1
    const { hashes, flags, capacity, mask } = this
    // Starting behind an empty slot, every probe chain is met from its beginning: what is taken out and put in
    // again finds a slot at or before its old one.
    let start = 0
    while (flags[start] !== 0) start += 1
    for (let step = 1; step <= capacity; step += 1) {
      const slot = (start + step) % capacity
      const flag = flags[slot] as number
      if (flag === 0) continue
      const lower = hashes[slot * SLOT_WORDS] as number
      const upper = hashes[slot * SLOT_WORDS + 1] as number
      flags[slot] = 0
      if ((lower & mask) === 0) this.put(this.slotOf(lower, upper), lower, upper, flag)
      else this.used -= 1
    }
  }
}
