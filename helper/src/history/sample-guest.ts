// The cheap figures of one guest: no memory map is walked and no page is looked at.
import type { SampledGuest } from '../../../src/shared/contract/history.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { Guest } from '../guests/guests.ts'
import { readGroupIoPressure } from '../kernel/group-pressure.ts'
import { type KernelRoot, processPath } from '../kernel/kernel-root.ts'
import { readKsmStat } from '../kernel/ksm-stat.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readProcessIo } from '../kernel/process-io.ts'
import { readProcessStat } from '../kernel/process-stat.ts'
import { readResidentPages } from '../kernel/statm.ts'
import { processProblem } from '../kernel/system-error.ts'

export interface GuestFigures {
  /** Absent: the guest has ended. */
  readonly guest?: SampledGuest
  /** Tells whether it is still the guest that it was. Absent: it has ended. */
  readonly startTime?: string
  /** Its control group, of which the I/O pressure is. */
  readonly group?: string
  readonly unreadable: Unreadable[]
}

/**
 * Figures of one guest. Those that this kernel does not report are absent, those that cannot be read are in
 * `unreadable`; both are empty where the guest has ended.
 */
export async function sampleGuest(
  root: KernelRoot,
  guest: Pick<Guest, 'pid' | 'name'>,
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
  const merging = await optional('ksm_stat', () => readMerging(root, guest.pid))
  const pressure = await optional('cgroup', () => readGroupIoPressure(root, guest.pid))
  const stat = await readProcessStat(root, guest.pid)
  const rssBytes = residentPages * pageSize
  const { someRatio: ioPressureRatio, absent, group } = pressure
  // It may name the group, which is as long as whoever made it likes.
  const ioPressure = withValue({ ioPressureRatio, ioPressureNote: absent?.slice(0, 512) })
  return {
    guest: {
      pid: guest.pid,
      name: guest.name,
      rssBytes,
      ...withValue({ cpuSeconds: stat?.cpuSeconds }),
      ...io,
      ...merging,
      ...ioPressure,
    },
    ...withValue({ group, startTime: stat?.startTime }),
    unreadable,
  }
}

/** Guests of one control group have one I/O pressure, which says so. Pure. */
export function noteSharedGroups(sampled: readonly GuestFigures[]): SampledGuest[] {
  const held = new Map<string, number>()
  for (const { group } of sampled) if (group !== undefined) held.set(group, (held.get(group) ?? 0) + 1)
  return sampled.flatMap(({ guest, group }) => {
    if (guest === undefined) return []
    if (guest.ioPressureRatio === undefined || group === undefined || (held.get(group) ?? 0) < 2)
      return [guest]
    const ioPressureNote = `of its control group ${group}, which holds other guests, too`.slice(0, 512)
    return [{ ...guest, ioPressureNote }]
  })
}

async function readMerging(root: KernelRoot, pid: number): Promise<Pick<SampledGuest, 'mergingBytes'>> {
  const pages = (await readKsmStat(root, pid))?.mergingPages
  return pages === undefined ? {} : { mergingBytes: pages * pageSize }
}
