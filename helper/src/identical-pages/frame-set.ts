// A set of page frames: a bit each, 32 KiB for a GiB of memory.

const SMALLEST_BYTES = 32 * 1024
/** 16 TiB; frames beyond are never in the set. */
const MAX_FRAME = 2 ** 32

export class FrameSet {
  private bits = new Uint8Array(SMALLEST_BYTES)

  has(frame: number): boolean {
    return frame < MAX_FRAME && ((this.bits[frame >>> 3] ?? 0) & (1 << (frame & 7))) !== 0
  }

  clear(): void {
    this.bits.fill(0)
  }

  add(frame: number): void {
    if (frame >= MAX_FRAME) return
    const at = frame >>> 3
    if (at >= this.bits.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.bits.length * 2))
      larger.set(this.bits)
      this.bits = larger
    }
    this.bits[at] = (this.bits[at] as number) | (1 << (frame & 7))
  }
}
