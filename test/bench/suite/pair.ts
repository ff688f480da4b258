// Workloads (a), (b), (e) and (f): a reader of a file larger than its guest, and a guest beside it that may stream.

import { dropCache } from '../../beds/lab/images.ts'
import type { LabGuest, LabOptions } from '../../beds/lab/lab.ts'
import type { BenchLab } from '../bench-lab.ts'
import { runFio, zipfReads } from './fio.ts'
import { keepKsmOff } from './ksm-off.ts'
import { type PolicyName, type PolicyStart, startPolicy } from './policies.ts'
import { readAheadKiB } from './read-ahead.ts'
import { reboot } from './reboot.ts'
import { measureWindow, type Run, type Window } from './run-window.ts'

export type PairWorkload = 'a' | 'b' | 'e' | 'f'

export interface PairPlan {
  readonly ownMiB: number
  /** Of the reader's file, what it reads. */
  readonly readMiB: number
  /** What an idle guest holds, and the host's cache too. */
  readonly heldMiB: number
  readonly limitMiB: number
  readonly readIops: number
  readonly ramMiB: number
  /** Of the stream, until it has filled the cache several times over. */
  readonly settleSeconds: number
  readonly measureSeconds: number
  readonly streamRate: string
  /** Of the reader's zipf. */
  readonly theta: number
}

export const fullPair: PairPlan = {
  ownMiB: 1024,
  readMiB: 300,
  heldMiB: 64,
  limitMiB: 980,
  readIops: 1500,
  ramMiB: 192,
  settleSeconds: 10,
  measureSeconds: 5,
  streamRate: '100m',
  theta: 0.75,
}

/** Storage is not slowed down while caches are filled. */
const unlimitedIops = 1_000_000
const file = 'files/own/big.bin'
const fioStartSeconds = 2
/** A policy's first look and measurement. */
const idleSettleSeconds = 2
const fill = (mib: number) => `dd if=/data/${file} of=/dev/null bs=1M count=${mib}`

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
    readAheadKiB,
    hosts: [{ kind: 'plain', guests, memoryLimitBytes, readIops: unlimitedIops }],
  }
}

interface Sequence {
  readonly lab: BenchLab
  readonly plan: PairPlan
  readonly reader: LabGuest
  readonly stream: LabGuest
  /** Zipf reads of the reader's part, each call in another order, the same orders under every policy. */
  readonly read: (seconds: number, ...args: string[]) => ReturnType<typeof runFio>
}

/**
 * Workloads of the pair one after the other under one policy, from freshly booted guests and an empty cache.
 * `seed` decides the order of reads: runs to be compared have the same.
 */
export async function runPair(
  lab: BenchLab,
  plan: PairPlan,
  policyName: PolicyName,
  start: PolicyStart & { readonly seed: number; readonly workloads: readonly PairWorkload[] },
): Promise<Run[]> {
  const [reader, stream] = lab.host.guests
  if (reader === undefined || stream === undefined) throw new Error('cannot measure: the lab has no pair')
  let seed = start.seed * 1000
  const read: Sequence['read'] = (seconds, ...args) => {
    seed += 1
    return runFio(reader, file, seconds, [...zipfReads(plan.theta, seed), `--size=${plan.readMiB}m`, ...args])
  }
  const sequence: Sequence = { lab, plan, reader, stream, read }
  keepKsmOff()
  await restart(sequence)
  const busy = start.workloads.filter((workload) => workload !== 'f')
  const runs: Run[] = []
  if (busy.length > 0) {
    await fillBusy(sequence)
    const policy = await startPolicy(lab, policyName, start)
    try {
      for (const workload of busy)
        runs.push(
          await measured[workload](sequence, {
            ...{ lab, policyName, policy, guests: [reader] },
            ...{ workload, round: start.seed },
          }),
        )
    } finally {
      await policy.stop()
    }
  }
  if (start.workloads.includes('f')) runs.push(await measureIdle(sequence, policyName, start))
  return runs
}

const measured: Record<'a' | 'b' | 'e', (sequence: Sequence, window: Window) => Promise<Run>> = {
  a: ({ read, plan }, window) => measureWindow(window, () => read(plan.measureSeconds)),
  async b({ read, plan, stream }, window) {
    const { settleSeconds: settle, measureSeconds: seconds } = plan
    const args = ['--rw=read', '--bs=128k', `--rate=${plan.streamRate}`]
    const streaming = runFio(stream, file, settle + seconds + 2 * fioStartSeconds, args)
    // Its failure is told by the await below.
    streaming.catch(() => undefined)
    await read(settle)
    const run = await measureWindow(window, () => read(seconds))
    const { bytesPerSecond } = await streaming
    return { ...run, otherMBps: Number((bytesPerSecond / 1e6).toFixed(1)) }
  },
  e: ({ read, plan }, window) =>
    measureWindow(window, () => read(plan.measureSeconds, '--rw=randrw', '--rwmixread=30')),
}

/** Both guests hold what they have read, the host's cache holds it too, and hardly anything is asked for. */
async function measureIdle(
  { lab, plan, reader, read }: Sequence,
  policyName: PolicyName,
  start: PolicyStart & { readonly seed: number },
): Promise<Run> {
  lab.limitReads(unlimitedIops)
  for (const guest of lab.host.guests) await guest.command('drop')
  // fio lies on an image that both guests open. The guard of shared bases keeps what only one of them holds.
  await Promise.all(lab.host.guests.map((guest) => runFio(guest, file, 1, ['--rw=read', '--size=4k'])))
  await dropCache(lab.images)
  await Promise.all(lab.host.guests.map((guest) => guest.command(fill(plan.heldMiB))))
  lab.limitReads(plan.readIops)
  const policy = await startPolicy(lab, policyName, start)
  try {
    const idle = (seconds: number) => read(seconds, `--size=${plan.heldMiB}m`, '--rate_iops=20')
    await idle(idleSettleSeconds)
    const window = { lab, policyName, policy, guests: [reader], workload: 'f', round: start.seed } as const
    return await measureWindow(window, () => idle(plan.measureSeconds))
  } finally {
    await policy.stop()
  }
}

async function restart({ lab }: Sequence): Promise<void> {
  lab.limitReads(unlimitedIops)
  await Promise.all(lab.host.guests.map((guest) => reboot(guest)))
  await dropCache(lab.images)
}

/** The reader was there first: its file fills the cache. Guests have touched all of their memory. */
async function fillBusy({ lab, plan, reader, stream, read }: Sequence): Promise<void> {
  await stream.command(fill(plan.ramMiB))
  await stream.command('drop')
  await dropCache(stream.images)
  await reader.command(fill(plan.readMiB))
  await read(2)
  lab.limitReads(plan.readIops)
}
