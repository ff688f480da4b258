// What the storage under images did between two looks.
import { withValue } from '../../../src/shared/with-value.ts'
import { type GroupReads, groupReadsBetween, readGroupReads } from '../kernel/group-reads.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readReadAheadBytes } from '../kernel/read-ahead.ts'
import { compareDisks, type DiskReadings, readDisks } from '../kernel/storage.ts'
import type { ScrubObservation } from '../policies/scrub-observation.ts'

type StorageFigures = Pick<
  ScrubObservation,
  'readLatencySeconds' | 'storageBusyRatio' | 'storageReads' | 'readAheadPages'
>

interface Reading {
  readonly atSeconds: number
  readonly disks: DiskReadings
  readonly groups: GroupReads | undefined
}

export class StorageFollower {
  readonly #root: KernelRoot
  #before: Reading | undefined

  constructor(root: KernelRoot) {
    this.#root = root
  }

  /** Since the last call. `disks`: "major:minor" of those under images; `pids`: of guests. */
  async readSince(
    disks: readonly string[],
    pids: readonly number[],
    atSeconds: number,
  ): Promise<StorageFigures> {
    const before = this.#before
    const now: Reading = {
      atSeconds,
      disks: await readDisks(this.#root),
      groups: await readGroupReads(this.#root, pids),
    }
    this.#before = now
    const readAhead = await readReadAheadBytes(this.#root, disks)
    const readAheadPages = readAhead === undefined ? undefined : readAhead / pageSize
    if (before === undefined) return withValue({ readAheadPages })
    // A group may count nothing: cgroup v1 does so only once the disk has had a limit.
    const ofGuests = groupReadsBetween(before.groups, now.groups, disks) || undefined
    return {
      ...compareDisks(before.disks, now.disks, disks, atSeconds - before.atSeconds),
      ...withValue({ readAheadPages, storageReads: ofGuests }),
    }
  }
}
