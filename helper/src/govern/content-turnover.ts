// Notices that a guest's memory is no longer what it was: it was reset (its QEMU process stays), or does something
// new. A reset shows in no counter of the host, so a sample of pages is looked at.
import { asProblem } from '../../../src/shared/problem.ts'
import { findRam, sizeOf } from '../guests/guest-ram.ts'
import type { Guest } from '../guests/guests.ts'
import { leaveServedOut } from '../guests/served-memory.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { PinnedBuffer } from '../kernel/mappings.ts'
import { MountTable } from '../kernel/mount-table.ts'
import { pageSize } from '../kernel/page-size.ts'
import { isPresent } from '../kernel/pagemap.ts'
import { PresentPages } from '../kernel/present-pages.ts'
import { IoVector, readProcessMemory } from '../kernel/process-memory.ts'
import { readStartTime } from '../kernel/process-stat.ts'
import { readSmaps } from '../kernel/smaps.ts'
import { processProblem } from '../kernel/system-error.ts'
import { absentPage, SampledGuest } from './sampled-guest.ts'

/** Pages sampled of a guest: the share that changed is right within 5 percentage points in 95 of 100 cases. */
const samplePages = 256

export class ContentTurnover {
  readonly #root: KernelRoot
  readonly #buffer = new PinnedBuffer(samplePages * pageSize)
  readonly #pages = new IoVector(samplePages)
  readonly #samples = new Map<number, SampledGuest>()
  readonly #log: (line: string) => void

  constructor(root: KernelRoot, log: (line: string) => void) {
    this.#root = root
    this.#log = log
  }

  /** Samples guests again, since their memory was just measured; forgets all others. */
  async begin(guests: readonly Guest[]): Promise<void> {
    this.#samples.clear()
    for (const guest of guests) {
      const sample = await this.#attempt(guest, () => this.#sample(guest))
      if (sample !== undefined) this.#samples.set(guest.pid, sample)
    }
  }

  /** Guests whose memory has turned over since `begin`; a guest that was not sampled is not among them. */
  async findTurnedOver(guests: readonly Guest[]): Promise<Set<number>> {
    const turned = new Set<number>()
    for (const guest of guests) {
      const sample = this.#samples.get(guest.pid)
      if (sample === undefined) continue
      const isTurned = await this.#attempt(guest, async () => {
        if ((await readStartTime(this.#root, guest.pid)) !== sample.startTime) return false
        return sample.follow(this.#read(guest.pid, sample.addresses))
      })
      if (isTurned) turned.add(guest.pid)
    }
    return turned
  }

  async #sample(guest: Guest): Promise<SampledGuest | undefined> {
    const startTime = await readStartTime(this.#root, guest.pid)
    const blocks = findRam(await readSmaps(this.#root, guest.pid))
    const { readable } = leaveServedOut(blocks, new MountTable(this.#root), guest.pid)
    const ram = readable.toSorted((a, b) => sizeOf(b) - sizeOf(a))
    const first = ram[0]
    if (startTime === undefined || first === undefined) return undefined
    const total = ram.reduce((sum, mapping) => sum + sizeOf(mapping), 0)
    const addresses = new Set([first.start])
    // More than are wanted: absent pages are left out below.
    for (let i = 0; i < 4 * samplePages; i += 1) {
      let at = Math.floor((Math.random() * total) / pageSize) * pageSize
      const mapping = ram.find((candidate) => {
        if (at < sizeOf(candidate)) return true
        at -= sizeOf(candidate)
        return false
      })
      if (mapping !== undefined) addresses.add(mapping.start + at)
    }
    const present = this.#listPresent(guest.pid, [...addresses]).slice(0, samplePages)
    return new SampledGuest(startTime, present, this.#read(guest.pid, present), present[0] === first.start)
  }

  /** Never faults a page in: absent ones are not read. */
  #listPresent(pid: number, addresses: readonly number[]): number[] {
    const map = new PresentPages(this.#root, pid, undefined)
    try {
      return addresses.filter((address) => isPresent(map.readEntries(address, 1)[1] ?? 0))
    } finally {
      map.close()
    }
  }

  /** A hash of each page, -1 where it is absent; nothing where it could not be read this time. */
  #read(pid: number, addresses: readonly number[]): Map<number, number> {
    const present = this.#listPresent(pid, addresses)
    this.#pages.clear()
    for (const address of present) this.#pages.addRange(address, pageSize)
    const copied = present.length === 0 ? 0 : readProcessMemory(pid, this.#pages, this.#buffer)
    const { bytes } = this.#buffer
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
    // A page that left since ends the copy: those behind it are not known this time.
    const whole = Math.floor(copied / pageSize)
    const read = new Map(present.slice(0, whole).map((address, index) => [address, hashPage(words, index)]))
    const isPresentNow = new Set(present)
    for (const address of addresses) if (!isPresentNow.has(address)) read.set(address, absentPage)
    return read
  }

  async #attempt<T>(guest: Guest, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      const problem = processProblem(error, `sample the memory of guest ${guest.name} (pid ${guest.pid})`)
      if (problem.code === 'internal') throw asProblem(error)
      if (problem.code !== 'gone') this.#log(problem.message)
      return undefined
    }
  }
}

/** FNV over words: it tells contents apart, and withstands no attacker. */
function hashPage(words: Uint32Array, index: number): number {
  const wordsInPage = pageSize / 4
  let hash = 0x811c9dc5
  for (let at = index * wordsInPage; at < (index + 1) * wordsInPage; at += 1)
    hash = Math.imul(hash ^ (words[at] ?? 0), 0x01000193)
  return hash >>> 0
}
