// The load of experiments on the lab, for as long as it takes: as workload (b) a reader of more than its guest holds beside a
// guest that streams. Read at random, and not by fio's zipf as there, which reads of 200 MiB the same 70 MiB over and over
// (seen by --write_iolog): after a minute or two the guest holds all of that, and asks its host for nothing any more.
import { setTimeout as sleep } from 'node:timers/promises'
import { limitReads } from '../../beds/lab/cgroups.ts'
import { dropCache } from '../../beds/lab/images.ts'
import type { HostOptions, LabGuest, LabHost } from '../../beds/lab/lab.ts'
import { readGuestReads, readsBetween } from '../suite/counters.ts'
import { runFio } from '../suite/fio.ts'

export interface PairLoadPlan {
  /** Of its file, what the stream reads over and over: more than the host can cache, so that the kernel keeps none of it. */
  readonly streamMiB: number
  /** Of its file, what the reader reads. */
  readonly readMiB: number
  /** Of each read of the reader: the larger, the sooner the host's cache is full of what it reads. */
  readonly readKiB: number
  readonly ramMiB: number
  /** Of the reader's memory, what a program holds: the guest caches less, and asks its host for more. Absent: nothing. */
  readonly heldMiB?: number
  /** Of the host's memory, page cache included. Guests under emulation need some 100 MiB beside their RAM. */
  readonly limitMiB: number
  readonly readIops: number
}

const file = 'files/own/big.bin'
/** Storage is not slowed down while caches are filled. */
const unlimitedIops = 1_000_000
const fill = (mib: number) => `dd if=/data/${file} of=/dev/null bs=1M count=${mib}`

/** KSM is kept away from its guests: it has no part in this question. */
export function pairHost(name: string, plan: PairLoadPlan): HostOptions {
  const guest = { ramMiB: plan.ramMiB, warm: false, fio: true, memMerge: false }
  // Half of a guest's own files is the one that is read.
  const filesFor = (mib: number) => ({ ownMiB: 2 * mib })
  return {
    name,
    kind: 'plain',
    guests: [
      { ...guest, ...filesFor(plan.readMiB), name: 'reader', writer: true },
      { ...guest, ...filesFor(plan.streamMiB), name: 'stream' },
    ],
    memoryLimitBytes: plan.limitMiB * 2 ** 20,
    readIops: unlimitedIops,
  }
}

/**
 * Begins it, with caches as they are once the reader was there first, and returns when both guests read. It ends with its
 * guests, or after `seconds`. Throws, with what fio said, where a guest does not come to read.
 */
export async function beginPairLoad(
  host: LabHost,
  dir: string,
  plan: PairLoadPlan,
  seconds: number,
): Promise<void> {
  const [reader, stream] = host.guests
  if (reader === undefined || stream === undefined)
    throw new Error(`cannot load ${host.name}: it has no pair`)
  await stream.command(fill(plan.ramMiB))
  await stream.command('drop')
  await dropCache(stream.images)
  if (plan.heldMiB !== undefined) await reader.command(`head -c ${plan.heldMiB * 2 ** 20} /dev/zero > /held`)
  await reader.command(fill(plan.readMiB))
  limitReads(host.cgroups, dir, plan.readIops)
  const reads = [
    '--rw=randread',
    '--norandommap',
    '--randseed=1',
    `--size=${plan.readMiB}m`,
    `--bs=${plan.readKiB}k`,
  ]
  await Promise.all([
    untilItReads(stream, runFio(stream, file, seconds, ['--rw=read', '--bs=128k', '--rate=100m'])),
    untilItReads(reader, runFio(reader, file, seconds, reads)),
  ])
}

const withinSeconds = 60
/** fio itself comes from the guest's disk, too, within a second or two. */
const steadySeconds = 3
const leastBytesPerSecond = 64 * 1024

/** Later than that it ends with its guest: whoever measures sees that there are no reads. */
async function untilItReads(guest: LabGuest, running: Promise<unknown>): Promise<void> {
  let ended: string | undefined
  running.then(
    () => {
      ended = 'fio has ended'
    },
    (error: unknown) => {
      ended = error instanceof Error ? error.message : String(error)
    },
  )
  let [before, steady] = [readGuestReads(guest), 0]
  for (let second = 0; steady < steadySeconds; second += 1) {
    if (ended !== undefined || second === withinSeconds)
      throw new Error(
        `cannot load ${guest.name}: it asks nothing of its host: ${ended ?? 'fio has not begun'}`,
      )
    await sleep(1000)
    const now = readGuestReads(guest)
    steady = readsBetween(before, now).askedBytes < leastBytesPerSecond ? 0 : steady + 1
    before = now
  }
}
