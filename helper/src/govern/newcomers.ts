// Notices guests that have just been started, between two looks at the whole roster.
import { basename } from 'node:path'
import { asProblem } from '../../../src/shared/problem.ts'
import type { Guest } from '../guests/guests.ts'
import { isMonitorProgram } from '../guests/hypervisor-program.ts'
import { readExe } from '../kernel/exe.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { listPids } from '../kernel/pids.ts'

/** The list of processes is read this often, or less often where that takes more than this share of the time. */
const everySeconds = 0.2
const lookRatio = 0.01
/** A process becomes a guest some time after its fork: its program is looked at so many times. */
const looks = 25

export class Newcomers {
  readonly #root: KernelRoot
  #nextAt = Number.NEGATIVE_INFINITY
  /** How often the program of each process was looked at. */
  #known: ReadonlyMap<number, number> = new Map()

  constructor(root: KernelRoot) {
    this.#root = root
  }

  /**
   * Whether a process runs QEMU that is none of these guests and was not told of before; false where it is too early to
   * look again. Reads the list of processes, and the program of new ones only. Without root those of other users are
   * not told. Source: /proc, /proc/<pid>/exe.
   */
  async find(guests: readonly Guest[], nowSeconds: number): Promise<boolean> {
    if (nowSeconds < this.#nextAt) return false
    const from = performance.now()
    const guestPids = new Set(guests.map(({ pid }) => pid))
    const known = new Map<number, number>()
    let isNew = false
    for (const pid of await listPids(this.#root)) {
      const before = guestPids.has(pid) ? looks : (this.#known.get(pid) ?? 0)
      const isFound = before < looks && this.#runsGuest(pid)
      known.set(pid, isFound ? looks : Math.min(looks, before + 1))
      isNew ||= isFound
    }
    this.#known = known
    const tookSeconds = (performance.now() - from) / 1000
    this.#nextAt = nowSeconds + Math.max(everySeconds, tookSeconds / lookRatio)
    return isNew
  }

  #runsGuest(pid: number): boolean {
    try {
      const exe = readExe(this.#root, pid)
      return exe !== undefined && isMonitorProgram(basename(exe.replace(/ \(deleted\)$/, '')))
    } catch (error) {
      // Anybody may run a program whose path is too long to be read; the roster says so.
      if (asProblem(error).code === 'internal') throw error
      return false
    }
  }
}
