// /proc/<pid>/mem: the memory of a process as a file, which reading does not pin: merged pages stay merged.
import { closeSync, openSync, readSync } from 'node:fs'
import { type KernelRoot, processPath } from './kernel-root.ts'
import { errnoOf, processProblem } from './system-error.ts'
import { watchedRead } from './watched-read.ts'

export class ProcessMemoryFile {
  readonly #pid: number
  readonly #fd: number

  /** Needs the right to trace the process. Throws `gone`, `not-permitted`. `close` it. */
  constructor(root: KernelRoot, pid: number) {
    this.#pid = pid
    try {
      this.#fd = watchedRead(pid, () => openSync(processPath(root, pid, 'mem'), 'r'))
    } catch (error) {
      throw processProblem(error, `open the memory of guest ${pid}`)
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  /**
   * Reads from an address into the start of `bytes`; returns the bytes read, fewer than `length` where a page is gone,
   * 0 where the first one is. Faults absent pages in: ask for present ones only. Throws `gone`.
   */
  read(address: number, bytes: Uint8Array, length: number): number {
    try {
      return watchedRead(this.#pid, () => readSync(this.#fd, bytes, 0, length, address))
    } catch (error) {
      if (errnoOf(error) === 'EIO') return 0
      throw processProblem(error, `read the memory of guest ${this.#pid}`)
    }
  }
}
