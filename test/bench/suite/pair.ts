// Workloads (a), (b), (e) and (f): a reader of a file larger than its guest, and a guest beside it that may stream.

import { dropCache } from '../../lab/images.ts'
import type { LabOptions } from '../../lab/lab.ts'
import type { BenchLab } from '../bench-lab.ts'
import { runFio, zipfReads } from './fio.ts'
import { keepKsmOff } from './ksm-off.ts'
import { type PolicyName, type PolicyStart, startPolicy } from './policies.ts'
import { measureWindow, type Run } from './run-window.ts'

export interface PairPlan {
  readonly ownMiB: number
  /** Of the reader's file, what it reads. */
  readonly readMiB: number
  readonly limitMiB: number
  readonly readIops: number
  readonly ramMiB: number
  readonly settleSeconds: number
  readonly measureSeconds: number
  readonly streamRate: string
  readonly workloads: readonly ('a' | 'b' | 'e' | 'f')[]
}

export const fullPair: PairPlan = {
  ownMiB: 1024,
  readMiB: 300,
  limitMiB: 980,
  readIops: 1500,
  ramMiB: 192,
  settleSeconds: 8,
  measureSeconds: 12,
  streamRate: '100m',
  workloads: ['a', 'b', 'e', 'f'],
}

/** Storage is not slowed down while caches are filled. */
const unlimitedIops = 1_000_000
/** Flat enough that the guest's own cache does not answer nearly everything. */
const theta = 0.75
const file = 'files/own/big.bin'
const fioStartSeconds = 4

export function pairLab(plan: PairPlan): LabOptions {
  const guest = { ramMiB: plan.ramMiB, warm: false, fio: true }
  const guests = [
    { ...guest, name: 'reader', writer: true },
    { ...guest, name: 'stream' },
  ]
  const memoryLimitBytes = plan.limitMiB * 2 ** 20
  return {
    commonMiB: 8,
    ownMiB: plan.ownMiB,
    hosts: [{ kind: 'plain', guests, memoryLimitBytes, readIops: unlimitedIops }],
  }
}

/** All workloads of the pair one after the other under one policy. `seed` decides the order of reads. */
export async function runPair(
  lab: BenchLab,
  plan: PairPlan,
  policyName: PolicyName,
  start: PolicyStart & { readonly seed: number },
): Promise<Run[]> {
  const [reader, stream] = lab.host.guests
  if (reader === undefined || stream === undefined) throw new Error('cannot measure: the lab has no pair')
  let seed = start.seed * 1000
  const size = `--size=${plan.readMiB}m`
  const read = (seconds: number, ...args: string[]) => {
    seed += 1
    return runFio(reader, file, seconds, [...zipfReads(theta, seed), size, ...args])
  }
  await fillCaches(lab, plan)
  await read(2)
  lab.limitReads(plan.readIops)
  const policy = await startPolicy(lab, policyName, start)
  const { settleSeconds: settle, measureSeconds: seconds } = plan
  const window = { lab, policyName, policy, guests: [reader] }
  const runs: Run[] = []
  try {
    for (const workload of plan.workloads) {
      if (workload === 'a') {
        await read(settle / 2)
        runs.push(await measureWindow({ ...window, workload }, () => read(seconds)))
      } else if (workload === 'b') {
        const args = ['--rw=read', '--bs=128k', `--rate=${plan.streamRate}`]
        const streaming = runFio(stream, file, settle + seconds + 2 * fioStartSeconds, args)
        // Its failure is told by the await below.
        streaming.catch(() => undefined)
        await read(settle)
        const run = await measureWindow({ ...window, workload }, () => read(seconds))
        const { bytesPerSecond } = await streaming
        runs.push({ ...run, otherMBps: Number((bytesPerSecond / 1e6).toFixed(1)) })
      } else if (workload === 'e') {
        const mixed = ['--rw=randrw', '--rwmixread=30']
        runs.push(await measureWindow({ ...window, workload }, () => read(seconds, ...mixed)))
      } else {
        runs.push(await measureWindow({ ...window, workload }, () => read(seconds, '--rate_iops=20')))
      }
    }
  } finally {
    await policy.stop()
  }
  return runs
}

/** The reader was there first: its file fills the cache. Guests have touched all of their memory. */
async function fillCaches(lab: BenchLab, plan: PairPlan): Promise<void> {
  keepKsmOff()
  lab.limitReads(unlimitedIops)
  const fill = `dd if=/data/${file} of=/dev/null bs=1M`
  for (const guest of lab.host.guests) {
    await guest.command('drop')
    if (guest.name === 'stream') await guest.command(`${fill} count=${plan.ramMiB}`)
  }
  await dropCache(lab.images)
  await lab.host.guests[0]?.command(`${fill} count=${plan.readMiB}`)
}
