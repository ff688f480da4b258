// Tells merged pages from others, by the flags of their frames.

import type { KernelRoot } from '../kernel-root.ts'
import { FrameFlags, KPF_KSM, KPF_ZERO_PAGE } from '../procfs/kpageflags.ts'
import { frameNumber, isExclusive } from '../procfs/pagemap.ts'

export const frameKind = { own: 0, merged: 1, kernelZero: 2, shared: 3 } as const
export type FrameKind = (typeof frameKind)[keyof typeof frameKind]

/** Reads the flags of neighbouring frames together. */
export class FrameKinds {
  private readonly flags: FrameFlags

  constructor(root: KernelRoot) {
    this.flags = new FrameFlags(root)
  }

  /** Of the page at `index` among `pages` page-map entries. `shared`: with another process, and not by KSM. */
  of(entries: Uint32Array, index: number, pages: number): FrameKind {
    const frame = frameOf(entries, index)
    if (!this.flags.has(frame)) this.flags.read(frame, countNeighbours(entries, index, pages))
    const bits = this.flags.of(frame)
    if ((bits & KPF_ZERO_PAGE) !== 0) return frameKind.kernelZero
    if ((bits & KPF_KSM) !== 0) return frameKind.merged
    return isExclusive(entries[index * 2 + 1] ?? 0) ? frameKind.own : frameKind.shared
  }

  /** For each run of pages anew: flags are to be as fresh as its entries. */
  forget(): void {
    this.flags.forget()
  }

  close(): void {
    this.flags.close()
  }
}

export function frameOf(entries: Uint32Array, index: number): number {
  return frameNumber(entries[index * 2] ?? 0, entries[index * 2 + 1] ?? 0)
}

function countNeighbours(entries: Uint32Array, index: number, pages: number): number {
  const first = frameOf(entries, index)
  let count = 1
  while (index + count < pages && frameOf(entries, index + count) === first + count) count += 1
  return count
}
