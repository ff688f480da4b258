// What the kernel counts of a lab host's guests: reads, cache, CPU time.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LabGuest, LabHost } from '../../beds/lab/lab.ts'
import { readProcessStat } from '../../beds/process-stat.ts'
import { readIfThere } from '../read-if-there.ts'

export interface GuestReads {
  /** Asked of the host by read calls. */
  readonly askedBytes: number
  /** Fetched from storage for it. */
  readonly fetchedBytes: number
}

export function readGuestReads({ pid }: Pick<LabGuest, 'pid'>): GuestReads {
  const text = readFileSync(`/proc/${pid}/io`, 'utf8')
  const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
  return { askedBytes: field('rchar'), fetchedBytes: field('read_bytes') }
}

export function readsBetween(before: GuestReads, after: GuestReads): GuestReads {
  return {
    askedBytes: after.askedBytes - before.askedBytes,
    fetchedBytes: after.fetchedBytes - before.fetchedBytes,
  }
}

/** Of what the guest asked of the host, the part that came from the host's cache. */
export function hitRatio({ askedBytes, fetchedBytes }: GuestReads): number {
  return askedBytes === 0 ? Number.NaN : Math.max(0, 1 - fetchedBytes / askedBytes)
}

/** Page cache charged to the host's guests: that of their images. */
export function readCacheBytes({ cgroups }: Pick<LabHost, 'cgroups'>): number {
  for (const cgroup of cgroups) {
    const text = readIfThere(`${cgroup}/memory.stat`)
    const found = /^(?:total_cache|file) (\d+)$/m.exec(text ?? '')?.[1]
    if (found !== undefined) return Number(found)
  }
  throw new Error('cannot read the size of the cache: the lab host has no memory control group')
}

/** Resident page cache of files, whoever it is charged to. */
export function readResidentBytes(paths: readonly string[]): number {
  const text = execFileSync('fincore', ['--bytes', '--noheadings', '--output', 'RES', ...paths], {
    encoding: 'utf8',
  })
  return text
    .trim()
    .split(/\s+/)
    .map(Number)
    .reduce((sum, bytes) => sum + bytes, 0)
}

/** CPU seconds of ksmd since it was started; 0 where there is none. */
export function readKsmdSeconds(): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (readIfThere(`/proc/${pid}/comm`) !== 'ksmd') continue
    return readCpuSeconds(Number(pid))
  }
  return 0
}

/** Samples each second until `work` ends; the mean beside what the work gave. */
export async function withMean<T>(
  sample: () => number,
  work: Promise<T>,
): Promise<{ readonly mean: number; readonly result: T }> {
  const samples: number[] = []
  let ended = false
  const end = work.finally(() => {
    ended = true
  })
  while (!ended) {
    samples.push(sample())
    await Promise.race([sleep(1000), end.catch(() => undefined)])
  }
  return { mean: samples.reduce((sum, one) => sum + one, 0) / samples.length, result: await end }
}

/** CPU seconds that all cores have spent at work, steal included. Source: /proc/stat. */
export function readBusySeconds(): number {
  const fields =
    readFileSync('/proc/stat', 'utf8').split('\n')[0]?.trim().split(/\s+/).slice(1, 9).map(Number) ?? []
  const [idle = 0, iowait = 0] = fields.slice(3, 5)
  return (fields.reduce((sum, one) => sum + one, 0) - idle - iowait) / 100
}

/** Of a process and its threads. */
export function readCpuSeconds(pid: number): number {
  return readProcessStat(pid)?.cpuSeconds ?? Number.NaN
}
