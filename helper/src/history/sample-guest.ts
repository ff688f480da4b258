// The cheap figures of one guest: no memory map is walked and no page is looked at.
import { join } from 'node:path'
import type { SampledGuest } from '../../../src/shared/contract/history.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readKsmStat } from '../kernel/ksm-stat.ts'
import { readIfThere } from '../kernel/read-if-there.ts'
import { processProblem } from '../kernel/system-error.ts'

export interface GuestFigures {
  /** Absent: the guest has ended. */
  readonly guest?: SampledGuest
  readonly unreadable: Unreadable[]
}

export async function sampleGuest(
  root: KernelRoot,
  guest: Pick<Guest, 'pid' | 'name'>,
  pageSize: number,
): Promise<GuestFigures> {
  const folder = join(root.proc, String(guest.pid))
  const statm = await readIfThere(join(folder, 'statm'))
  const rssBytes = statm === undefined ? undefined : parseRss(statm, pageSize)
  if (rssBytes === undefined) return { unreadable: [] }
  const unreadable: Unreadable[] = []
  const optional = async <T extends object>(file: string, read: () => Promise<T>): Promise<Partial<T>> => {
    try {
      return await read()
    } catch (error) {
      const path = join(folder, file)
      unreadable.push({ path, problem: processProblem(error, `read ${path}`).toData() })
      return {}
    }
  }
  const io = await optional('io', async () => parseIo((await readIfThere(join(folder, 'io'))) ?? ''))
  const merging = await optional('ksm_stat', () => readMerging(root, guest.pid, pageSize))
  return { guest: { pid: guest.pid, name: guest.name, rssBytes, ...io, ...merging }, unreadable }
}

/** The second field of /proc/<pid>/statm counts resident pages; undefined once the process is a zombie. */
export function parseRss(statm: string, pageSize: number): number | undefined {
  const pages = Number(statm.split(' ')[1])
  return Number.isInteger(pages) && pages > 0 ? pages * pageSize : undefined
}

type IoCounters = Pick<SampledGuest, 'rcharBytes' | 'readBytes'>

/** /proc/<pid>/io; fields that are not there are absent. */
export function parseIo(text: string): IoCounters {
  const field = (name: string) => {
    const value = new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1]
    return value === undefined ? undefined : Number(value)
  }
  const counters = {
    rcharBytes: field('rchar'),
    readBytes: field('read_bytes'),
  }
  return Object.fromEntries(Object.entries(counters).filter(([, value]) => value !== undefined))
}

async function readMerging(
  root: KernelRoot,
  pid: number,
  pageSize: number,
): Promise<Pick<SampledGuest, 'mergingBytes'>> {
  const pages = (await readKsmStat(root, pid))?.mergingPages
  return pages === undefined ? {} : { mergingBytes: pages * pageSize }
}
