// What the kernel counts of the suite's guests: reads at storage, their time, and pages that came back.
import { readFileSync } from 'node:fs'
import type { LabHost } from '../../beds/lab/lab.ts'
import { readIfThere } from '../read-if-there.ts'
import { readGuestReads, readKsmdSeconds } from '../suite/counters.ts'

export interface IoCounters {
  /** By guest: asked of the host, fetched from storage. */
  readonly guests: readonly { readonly askedBytes: number; readonly fetchedBytes: number }[]
  /** Of all guests, as the limit of reads counts them. */
  readonly reads: number
  readonly readBytes: number
  /** Of the whole disk: time of its reads. */
  readonly diskReads: number
  readonly diskReadMs: number
  /** Of the machine: pages of files read again after the kernel had taken them, and of those the ones it then kept. */
  readonly refaults: number
  readonly activations: number
  readonly reclaimed: number
  readonly ksmdSeconds: number
  readonly hugeBytes: number
}

export function readIoCounters(host: LabHost, disk: string): IoCounters {
  const vmstat = readFileSync('/proc/vmstat', 'utf8')
  const field = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(vmstat)?.[1] ?? Number.NaN)
  return {
    guests: host.guests.map(readGuestReads),
    ...readGroup(host.cgroups, disk),
    ...readDisk(disk),
    refaults: field('workingset_refault_file'),
    activations: field('workingset_activate_file'),
    reclaimed: field('pgsteal_file'),
    ksmdSeconds: readKsmdSeconds(),
    hugeBytes: readHugeBytes(host),
  }
}

function readGroup(cgroups: readonly string[], disk: string): Pick<IoCounters, 'reads' | 'readBytes'> {
  for (const cgroup of cgroups) {
    const unified = readIfThere(`${cgroup}/io.stat`)
    if (unified !== undefined) {
      const line = unified.split('\n').find((one) => one.startsWith(`${disk} `)) ?? ''
      const of = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(line)?.[1] ?? 0)
      return { reads: of('rios'), readBytes: of('rbytes') }
    }
    const serviced = readIfThere(`${cgroup}/blkio.throttle.io_serviced`)
    if (serviced === undefined) continue
    const bytes = readIfThere(`${cgroup}/blkio.throttle.io_service_bytes`) ?? ''
    const of = (text: string) => Number(new RegExp(`^${disk} Read (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
    return { reads: of(serviced), readBytes: of(bytes) }
  }
  throw new Error('cannot count reads: the lab host has no group of its own for them')
}

function readDisk(disk: string): Pick<IoCounters, 'diskReads' | 'diskReadMs'> {
  const [major, minor] = disk.split(':')
  const line = readFileSync('/proc/diskstats', 'utf8')
    .split('\n')
    .map((one) => one.trim().split(/\s+/))
    .find((fields) => fields[0] === major && fields[1] === minor)
  return { diskReads: Number(line?.[3]), diskReadMs: Number(line?.[6]) }
}

function readHugeBytes(host: LabHost): number {
  let kib = 0
  for (const { pid } of host.guests)
    kib += Number(
      /^AnonHugePages:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0,
    )
  return kib * 1024
}
