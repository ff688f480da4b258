// The cheap figures of one guest: no memory map is walked and no page is looked at.
import type { SampledGuest } from '../../../src/shared/contract/history.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { Guest } from '../guests/guests.ts'
import { readGroupIoPressure } from '../kernel/group-pressure.ts'
import { type KernelRoot, processPath } from '../kernel/kernel-root.ts'
import { readKsmStat } from '../kernel/ksm-stat.ts'
import { readProcessIo } from '../kernel/process-io.ts'
import { readResidentPages } from '../kernel/statm.ts'
import { processProblem } from '../kernel/system-error.ts'

export interface GuestFigures {
  /** Absent: the guest has ended. */
  readonly guest?: SampledGuest
  readonly unreadable: Unreadable[]
}

/**
 * Figures of one guest. Those that this kernel does not report are absent, those that cannot be read are in
 * `unreadable`; both are empty where the guest has ended.
 */
export async function sampleGuest(
  root: KernelRoot,
  guest: Pick<Guest, 'pid' | 'name'>,
  pageSize: number,
): Promise<GuestFigures> {
  const residentPages = await readResidentPages(root, guest.pid)
  if (residentPages === undefined) return { unreadable: [] }
  const unreadable: Unreadable[] = []
  const optional = async <T extends object>(file: string, read: () => Promise<T>): Promise<Partial<T>> => {
    try {
      return await read()
    } catch (error) {
      const path = processPath(root, guest.pid, file)
      unreadable.push({ path, problem: processProblem(error, `read ${path}`).toData() })
      return {}
    }
  }
  const io = await optional('io', () => readProcessIo(root, guest.pid))
  const merging = await optional('ksm_stat', () => readMerging(root, guest.pid, pageSize))
  const pressure = await optional('cgroup', () => readIoPressure(root, guest.pid))
  const rssBytes = residentPages * pageSize
  return {
    guest: { pid: guest.pid, name: guest.name, rssBytes, ...io, ...merging, ...pressure },
    unreadable,
  }
}

async function readIoPressure(
  root: KernelRoot,
  pid: number,
): Promise<Pick<SampledGuest, 'ioPressureRatio' | 'ioPressureNote'>> {
  const { someRatio, absent } = await readGroupIoPressure(root, pid)
  return withValue({ ioPressureRatio: someRatio, ioPressureNote: absent })
}

async function readMerging(
  root: KernelRoot,
  pid: number,
  pageSize: number,
): Promise<Pick<SampledGuest, 'mergingBytes'>> {
  const pages = (await readKsmStat(root, pid))?.mergingPages
  return pages === undefined ? {} : { mergingBytes: pages * pageSize }
}
