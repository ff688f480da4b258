// What guests ask of the host between two looks, and what of it storage had to give: hits, from outside.

import { asProblem } from '../../../src/shared/problem.ts'
import { riseOf } from '../../../src/shared/statistics/counter.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { Guest } from '../guests/guests.ts'
import type { Image } from '../images/image.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { type ProcessIo, readProcessIo } from '../kernel/process-io.ts'
import { bypassesRchar } from '../monitors/aio.ts'
import type { GuestReads } from '../policies/scrub-observation.ts'

interface Reading extends ProcessIo {
  readonly name: string
}

export class GuestReadsFollower {
  readonly #root: KernelRoot
  readonly #noteUnreadable: (line: string) => void
  #before: ReadonlyMap<number, Reading> = new Map()

  /** `noteUnreadable` takes a line for each guest whose reads cannot be read: the others are seen without it. */
  constructor(root: KernelRoot, noteUnreadable: (line: string) => void) {
    this.#root = root
    this.#noteUnreadable = noteUnreadable
  }

  /**
   * Since the last call; guests that were not there then are left out. `askedBytes` is absent where QEMU reads past
   * the kernel's count of read calls (io_uring, native AIO), or the kernel does not tell.
   */
  async readSince(guests: readonly Guest[], images: readonly Image[]): Promise<GuestReads[]> {
    const now = new Map<number, Reading>()
    const seen: GuestReads[] = []
    for (const { pid, name, args } of guests) {
      const io = await this.#tryRead(pid)
      if (io?.readBytes === undefined) continue
      now.set(pid, { name, ...io })
      const before = this.#before.get(pid)
      // Another process under the same number has another name, or counts from less.
      if (before?.readBytes === undefined || before.name !== name || before.readBytes > io.readBytes) continue
      const asked = bypassesRchar(args) ? undefined : riseOf(before.rcharBytes, io.rcharBytes)
      seen.push({
        name,
        images: images.filter((image) => image.guests.includes(pid)).map(({ label }) => label),
        fetchedBytes: io.readBytes - before.readBytes,
        ...withValue({ askedBytes: asked }),
      })
    }
    this.#before = now
    return seen
  }

  async #tryRead(pid: number): Promise<ProcessIo | undefined> {
    try {
      return await readProcessIo(this.#root, pid)
    } catch (error) {
      const problem = asProblem(error)
      if (problem.code === 'internal') throw problem
      this.#noteUnreadable(problem.message)
      return undefined
    }
  }
}
