// Hashes of pages -> small numbers, by open addressing over one flat array: 12 bytes a slot, nothing allocated per page.

const SLOT_WORDS = 3
const MAX_LOAD = 0.72
const SMALLEST_CAPACITY = 1024

export class HashTable {
  private slots: Uint32Array
  private capacity: number
  private scale: number
  /** Number of different hashes; they are numbered from 1 in order of arrival. */
  count = 0

  /** `expected` different hashes fit without growing. */
  constructor(expected: number) {
    this.capacity = Math.max(SMALLEST_CAPACITY, Math.ceil(expected / MAX_LOAD))
    this.scale = this.capacity / 0x1_0000_0000
    this.slots = new Uint32Array(this.capacity * SLOT_WORDS)
  }

  /** The number of a hash; 0 where it is not there. */
  find(lower: number, upper: number): number {
    return this.slots[this.slotOf(lower, upper) + 2] ?? 0
  }

  /** The number of a hash, which is given the next one where it is new. */
  add(lower: number, upper: number): number {
    const at = this.slotOf(lower, upper)
    const known = this.slots[at + 2] ?? 0
    if (known !== 0) return known
    this.count += 1
    this.slots[at] = lower
    this.slots[at + 1] = upper
    this.slots[at + 2] = this.count
    const number = this.count
    if (this.count > this.capacity * MAX_LOAD) this.grow()
    return number
  }

  private slotOf(lower: number, upper: number): number {
    const { slots } = this
    const end = slots.length
    // The upper half chooses the slot, scaled to the capacity, which so need not be a power of two.
    let at = Math.floor(upper * this.scale) * SLOT_WORDS
    while (slots[at + 2] !== 0 && (slots[at] !== lower || slots[at + 1] !== upper)) {
      at += SLOT_WORDS
      if (at === end) at = 0
    }
    return at
  }

  private grow(): void {
    const old = this.slots
    this.capacity *= 2
    this.scale = this.capacity / 0x1_0000_0000
    this.slots = new Uint32Array(this.capacity * SLOT_WORDS)
    for (let from = 0; from < old.length; from += SLOT_WORDS) {
      const number = old[from + 2] ?? 0
      if (number === 0) continue
      const at = this.slotOf(old[from] ?? 0, old[from + 1] ?? 0)
      this.slots.set(old.subarray(from, from + SLOT_WORDS), at)
      this.slots[at + 2] = number
    }
  }
}
