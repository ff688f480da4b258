// Tells merged pages from others, by the flags of their frames.
import type { KernelRoot } from '../../kernel/kernel-root.ts'
import { FrameFlags, KPF_KSM, KPF_ZERO_PAGE } from '../../kernel/kpageflags.ts'
import { frameNumber, isExclusive } from '../../kernel/pagemap.ts'

export const frameKind = { private: 0, merged: 1, kernelZero: 2, shared: 3 } as const
export type FrameKind = (typeof frameKind)[keyof typeof frameKind]

/** Frames whose flags cost less to read along than another system call does. */
const worthwhileGap = 32

/**
 * Reads the flags of neighbouring frames together. Source: /proc/kpageflags. Needs CAP_SYS_ADMIN; throws `not-permitted`
 * without it.
 */
export class FrameKinds {
  readonly #flags: FrameFlags
  readonly #privateFrames: FrameSet | undefined

  /** `privateFrames`: frames found unmerged and mapped by one process during this pass of ksmd. */
  constructor(root: KernelRoot, privateFrames: FrameSet | undefined) {
    this.#flags = new FrameFlags(root)
    this.#privateFrames = privateFrames
  }

  /** Kind of the frame of page `index` among `pages` page-map entries. `shared`: mapped by others too, not by KSM. */
  kindOfFrame(entries: Int32Array, index: number, pages: number): FrameKind {
    const frame = frameOf(entries, index)
    const exclusive = isExclusive(entries[index * 2 + 1] ?? 0)
    // Wrong only where ksmd has merged it since, and all other sites were written again: a merged page that saves nothing.
    if (exclusive && this.#privateFrames?.has(frame)) return frameKind.private
    if (!this.#flags.has(frame)) this.#flags.readFrames(frame, countNeighbours(entries, index, pages))
    const bits = this.#flags.flagsOfFrame(frame)
    if ((bits & KPF_ZERO_PAGE) !== 0) return frameKind.kernelZero
    if ((bits & KPF_KSM) !== 0) return frameKind.merged
    if (!exclusive) return frameKind.shared
    this.#privateFrames?.addFrame(frame)
    return frameKind.private
  }

  /** Call it for each window: flags must be as fresh as its page-map entries. */
  forgetFlags(): void {
    this.#flags.forgetFrames()
  }

  /** Closes /proc/kpageflags. */
  close(): void {
    this.#flags.close()
  }
}

/** The frame number of page `index` among page-map entries. 0 without CAP_SYS_ADMIN. */
export function frameOf(entries: Int32Array, index: number): number {
  return frameNumber(entries[index * 2] ?? 0, entries[index * 2 + 1] ?? 0)
}

/** Number of neighbouring frames worth reading along with that of page `index`. Shared frames are mostly known. */
function countNeighbours(entries: Int32Array, index: number, pages: number): number {
  const first = frameOf(entries, index)
  const onlyExclusive = isExclusive(entries[index * 2 + 1] ?? 0)
  let last = first
  for (let i = index + 1; i < pages; i += 1) {
    if (onlyExclusive && !isExclusive(entries[i * 2 + 1] ?? 0)) continue
    const frame = frameOf(entries, i)
    if (frame <= last || frame > last + worthwhileGap) break
    last = frame
  }
  return last - first + 1
}

const minBytes = 32 * 1024
/** 16 TiB; frames beyond are never in the set. */
const maxFrame = 2 ** 32

/** A set of frame numbers, a bit each. */
export class FrameSet {
  #bits = new Uint8Array(minBytes)

  /** False also for frames beyond 16 TiB. */
  has(frame: number): boolean {
    return frame < maxFrame && ((this.#bits[frame >>> 3] ?? 0) & (1 << (frame & 7))) !== 0
  }

  /** Leaves an empty set, and its memory. */
  clear(): void {
    this.#bits.fill(0)
  }

  /** Passes over frames beyond 16 TiB. */
  addFrame(frame: number): void {
    if (frame >= maxFrame) return
    const at = frame >>> 3
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#bits.length * 2))
      larger.set(this.#bits)
      this.#bits = larger
    }
    this.#bits[at] = (this.#bits[at] as number) | (1 << (frame & 7))
  }
}
