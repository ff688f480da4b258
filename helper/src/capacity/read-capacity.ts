// Reads what capacity is estimated from: two looks at counters, a moment apart. No guest memory is looked at.
import type { CapacityReading, ReadGuest } from '../../../src/shared/contract/capacity-reading.ts'
import { asProblem } from '../../../src/shared/problem.ts'
import { sleep } from '../../../src/shared/time/waiting.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { findGuests, type Guest } from '../guests/guests.ts'
import { diskOfImage } from '../images/image-identity.ts'
import { listImages } from '../images/list-images.ts'
import { readSharedLimit } from '../kernel/cache-limit.ts'
import { readBusySeconds, readProcessorCount } from '../kernel/host-cpu.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readMeminfo } from '../kernel/meminfo.ts'
import { readOomScore } from '../kernel/oom-score.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readProcessIo } from '../kernel/process-io.ts'
import { readProcessStat, secondsOfStartTime } from '../kernel/process-stat.ts'
import { readMemoryOfProcess } from '../kernel/process-status.ts'
import { readKsmSettings, readScanCounters } from '../kernel/read-ksm.ts'
import { readResidentPages } from '../kernel/statm.ts'
import { compareDisks, readDisks } from '../kernel/storage.ts'
import { readUptimeSeconds } from '../kernel/uptime.ts'
import { readVmEvents } from '../kernel/vmstat.ts'
import { readBalloons } from '../monitors/balloon.ts'
import { type Counted, rateBetween, rateSince } from './rates.ts'

const lookMs = 2000

interface Look extends Counted {
  readonly busySeconds: number | undefined
  readonly breaks: number | undefined
  readonly disks: Awaited<ReturnType<typeof readDisks>>
  readonly guests: ReadonlyMap<number, GuestLook>
}

interface GuestLook extends Counted {
  readonly cpuSeconds: number | undefined
  readonly fetchedBytes: number | undefined
  readonly startSeconds: number | undefined
}

/** What this kernel does not report is absent; guests that end in the meantime are left out. Throws `cancelled`. */
export async function readCapacity(root: KernelRoot, signal: AbortSignal): Promise<CapacityReading> {
  const { guests, unreadable } = await findGuests(root)
  const listed = await listImages(root, guests)
  const before = await look(root, guests)
  await sleep(lookMs, signal)
  signal.throwIfAborted()
  const after = await look(root, guests)
  const uptimeSeconds = await readUptimeSeconds(root)
  const meminfo = await readMeminfo(root)
  const lookSeconds = after.atSeconds - before.atSeconds
  const disks = listed.images.map(({ id }) => diskOfImage(id))
  const storage = compareDisks(before.disks, after.disks, disks, lookSeconds)
  const { storageBusyRatio: busyRatio, storageReads: reads } = storage
  const pids = guests.map(({ pid }) => pid)
  return {
    at: wallClock(),
    lookSeconds,
    pageSize,
    memory: memoryOf(meminfo),
    processors: await readProcessorCount(root),
    ...withValue({
      limit: await readLimit(root, pids),
      busyCores: rateBetween(before, after, ({ busySeconds }) => busySeconds),
      merging: await readMerging(root, before, after, uptimeSeconds),
    }),
    ...(busyRatio !== undefined && reads !== undefined && { storage: { busyRatio, reads } }),
    guests: await readGuests(root, guests, { before, after, uptimeSeconds }),
    unreadable: [...unreadable, ...listed.unreadable],
  }
}

async function look(root: KernelRoot, guests: readonly Guest[]): Promise<Look> {
  const looks = await Promise.all(guests.map(async ({ pid }) => [pid, await lookAtGuest(root, pid)] as const))
  return {
    busySeconds: await readBusySeconds(root),
    breaks: (await readVmEvents(root)).mergeBreaks,
    disks: await readDisks(root),
    guests: new Map(looks),
    atSeconds: performance.now() / 1000,
  }
}

async function lookAtGuest(root: KernelRoot, pid: number): Promise<GuestLook> {
  const stat = await readProcessStat(root, pid)
  const { readBytes } = await readIo(root, pid)
  return {
    cpuSeconds: stat?.cpuSeconds,
    startSeconds: stat && secondsOfStartTime(stat.startTime),
    fetchedBytes: readBytes,
    atSeconds: performance.now() / 1000,
  }
}

/** Of a process that may not be traced it is not known. */
async function readIo(root: KernelRoot, pid: number): Promise<Awaited<ReturnType<typeof readProcessIo>>> {
  try {
    return await readProcessIo(root, pid)
  } catch (error) {
    if (asProblem(error).code === 'internal') throw error
    return {}
  }
}

function memoryOf(meminfo: Awaited<ReturnType<typeof readMeminfo>>): CapacityReading['memory'] {
  const { committedBytes, commitLimitBytes } = meminfo
  return {
    totalBytes: meminfo.memTotalBytes,
    freeBytes: meminfo.memFreeBytes,
    availableBytes: meminfo.memAvailableBytes,
    cachedBytes: meminfo.cachedBytes,
    swapTotalBytes: meminfo.swapTotalBytes,
    swapFreeBytes: meminfo.swapFreeBytes,
    ...withValue({ committedBytes, commitLimitBytes }),
  }
}

async function readLimit(root: KernelRoot, pids: readonly number[]): Promise<CapacityReading['limit']> {
  const found = await readSharedLimit(root, pids)
  return found && { ...found, groups: found.groups.map((group) => group.slice(0, 512)) }
}

/** Absent: this kernel has no KSM. */
async function readMerging(
  root: KernelRoot,
  before: Look,
  after: Look,
  uptimeSeconds: number,
): Promise<CapacityReading['merging']> {
  try {
    const { pagesSharing, ksmZeroPages = 0 } = await readScanCounters(root)
    const { run } = await readKsmSettings(root)
    return {
      mergedBytes: (pagesSharing + ksmZeroPages) * pageSize,
      scanning: run === 1,
      ...withValue({
        breaksPerSecond: rateBetween(before, after, ({ breaks }) => breaks),
        bootBreaksPerSecond: rateSince(after.breaks, uptimeSeconds),
      }),
    }
  } catch (error) {
    if (asProblem(error).code !== 'not-supported') throw error
    return undefined
  }
}

async function readGuests(
  root: KernelRoot,
  guests: readonly Guest[],
  looks: { readonly before: Look; readonly after: Look; readonly uptimeSeconds: number },
): Promise<ReadGuest[]> {
  const balloons = await readBalloons(root, guests)
  const read = await Promise.all(
    guests.map(async ({ pid, name }): Promise<ReadGuest[]> => {
      const residentPages = await readResidentPages(root, pid)
      if (residentPages === undefined) return []
      const rates = ratesOf(looks.before.guests.get(pid), looks.after.guests.get(pid), looks.uptimeSeconds)
      return [
        {
          pid,
          name,
          rssBytes: residentPages * pageSize,
          ...(await readMemoryOfProcess(root, pid)),
          ...balloons.get(pid),
          ...rates,
          ...withValue({ oomScore: await readOomScore(root, pid) }),
        },
      ]
    }),
  )
  return read.flat()
}

function ratesOf(before: GuestLook | undefined, after: GuestLook | undefined, uptimeSeconds: number) {
  // Another process may have the pid by now.
  if (before === undefined || after === undefined || before.startSeconds !== after.startSeconds) return {}
  const age = after.startSeconds === undefined ? undefined : uptimeSeconds - after.startSeconds
  return withValue({
    cpuCores: rateBetween(before, after, ({ cpuSeconds }) => cpuSeconds),
    lifeCpuCores: rateSince(after.cpuSeconds, age),
    fetchedPerSecond: rateBetween(before, after, ({ fetchedBytes }) => fetchedBytes),
    lifeFetchedPerSecond: rateSince(after.fetchedBytes, age),
  })
}
