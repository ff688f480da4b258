// /proc/kpageflags: eight bytes of flags per page frame. Needs CAP_SYS_ADMIN.
import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { KernelRoot } from './kernel-root.ts'
import { mayRead } from './may-access.ts'
import { systemProblem } from './system-error.ts'

export const KPF_KSM = 1 << 21
/** Of a page in a huge page of 2 MiB that is whole. */
export const KPF_THP = 1 << 22
export const KPF_ZERO_PAGE = 1 << 24

const entryBytes = 8
const maxFrames = 512

/** Whether page flags can be read here: CONFIG_PROC_PAGE_MONITOR and CAP_SYS_ADMIN. */
export function mayReadFrameFlags(root: KernelRoot): boolean {
  return mayRead(join(root.proc, 'kpageflags'))
}

export class FrameFlags {
  readonly #fd: number
  readonly #bytes = new Uint8Array(maxFrames * entryBytes)
  readonly #words = new Uint32Array(this.#bytes.buffer)
  #first = 0
  #end = 0

  constructor(root: KernelRoot) {
    try {
      this.#fd = openSync(join(root.proc, 'kpageflags'), 'r')
    } catch (error) {
      throw systemProblem(error, 'read the flags of page frames (CAP_SYS_ADMIN)')
    }
  }

  /** Reads the flags of up to 512 neighbouring frames; frames beyond memory have none. */
  readFrames(first: number, frames: number): void {
    const length = Math.min(frames, maxFrames) * entryBytes
    this.#bytes.fill(0, readSync(this.#fd, this.#bytes, 0, length, first * entryBytes), length)
    this.#first = first
    this.#end = first + length / entryBytes
  }

  forgetFrames(): void {
    this.#end = this.#first
  }

  has(frame: number): boolean {
    return frame >= this.#first && frame < this.#end
  }

  /** The lower 32 flags of a frame read last. */
  flagsOfFrame(frame: number): number {
    return this.#words[(frame - this.#first) * 2] ?? 0
  }

  close(): void {
    closeSync(this.#fd)
  }
}
