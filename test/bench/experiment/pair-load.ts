// The load of experiments on the lab: workload (b), a reader of more than its guest holds beside a guest that streams, for
// as long as it takes.
import { limitReads } from '../../beds/lab/cgroups.ts'
import { dropCache } from '../../beds/lab/images.ts'
import type { HostOptions, LabHost } from '../../beds/lab/lab.ts'
import { runFio, zipfReads } from '../suite/fio.ts'

export interface PairLoadPlan {
  /** Of its file, what the stream reads over and over: more than the host can cache, so that the kernel keeps none of it. */
  readonly streamMiB: number
  /** Of its file, what the reader reads. */
  readonly readMiB: number
  readonly ramMiB: number
  /** Of the host's memory, page cache included. Guests under emulation need some 250 MiB beside their RAM. */
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

/** Begins it, with caches as they are once the reader was there first. It ends with its guests, or after `seconds`. */
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
  await reader.command(fill(plan.readMiB))
  limitReads(host.cgroups, dir, plan.readIops)
  const reads = [...zipfReads(0.75, 1), `--size=${plan.readMiB}m`]
  // It ends with its guest: whoever measures sees that there are no reads.
  for (const running of [
    runFio(stream, file, seconds, ['--rw=read', '--bs=128k', '--rate=100m']),
    runFio(reader, file, seconds, reads),
  ])
    running.catch(() => undefined)
}
