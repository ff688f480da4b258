// /proc/kpageflags: eight bytes of flags per page frame. Needs CAP_SYS_ADMIN.
import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { KernelRoot } from '../kernel-root.ts'
import { systemProblem } from '../system-error.ts'

export const KPF_DIRTY = 1 << 4
export const KPF_WRITEBACK = 1 << 8
export const KPF_COMPOUND_HEAD = 1 << 15
export const KPF_COMPOUND_TAIL = 1 << 16
export const KPF_KSM = 1 << 21
export const KPF_ZERO_PAGE = 1 << 24

const BLOCK_FRAMES = 512
const ENTRY_BYTES = 8

/** Reads the flags of frames block by block, since the frames of neighbouring pages often lie close together. */
export class FrameFlags {
  private readonly fd: number
  private readonly bytes = new Uint8Array(BLOCK_FRAMES * ENTRY_BYTES)
  private readonly words = new Uint32Array(this.bytes.buffer)
  private readonly blocks = new Map<number, Uint32Array>()

  constructor(root: KernelRoot) {
    try {
      this.fd = openSync(join(root.proc, 'kpageflags'), 'r')
    } catch (error) {
      throw systemProblem(error, 'read the flags of page frames (CAP_SYS_ADMIN)')
    }
  }

  /** The lower 32 flags, as they were when the frame's block was first asked for. */
  of(frame: number): number {
    const index = Math.floor(frame / BLOCK_FRAMES)
    const block = this.blocks.get(index) ?? this.readBlock(index)
    return block[frame % BLOCK_FRAMES] ?? 0
  }

  close(): void {
    closeSync(this.fd)
  }

  private readBlock(index: number): Uint32Array {
    const block = new Uint32Array(BLOCK_FRAMES)
    const length = readSync(this.fd, this.bytes, 0, this.bytes.length, index * this.bytes.length)
    for (let i = 0; i < length / ENTRY_BYTES; i += 1) block[i] = this.words[i * 2] ?? 0
    this.blocks.set(index, block)
    return block
  }
}
