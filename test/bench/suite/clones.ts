// Workloads (c) and (d): clones of one base image, reading it side by side or booting at once.
import { dropCache } from '../../beds/lab/images.ts'
import type { LabOptions } from '../../beds/lab/lab.ts'
import type { BenchLab } from '../bench-lab.ts'
import { type FioFigures, runFio, zipfReads } from './fio.ts'
import { keepKsmOff } from './ksm-off.ts'
import { type PolicyName, type PolicyStart, startPolicy } from './policies.ts'
import { readAheadKiB } from './read-ahead.ts'
import { reboot } from './reboot.ts'
import { measureWindow, type Run } from './run-window.ts'

export interface ClonesPlan {
  readonly clones: number
  readonly commonMiB: number
  readonly limitMiB: number
  readonly readIops: number
  readonly ramMiB: number
  readonly settleSeconds: number
  readonly measureSeconds: number
  /** One after the other, each from an empty cache. */
  readonly bootStorms: number
}

export const fullClones: ClonesPlan = {
  clones: 3,
  commonMiB: 320,
  limitMiB: 1_100,
  readIops: 1500,
  ramMiB: 192,
  settleSeconds: 1,
  measureSeconds: 10,
  bootStorms: 2,
}

const unlimitedIops = 1_000_000

export function clonesLab(plan: ClonesPlan): LabOptions {
  const guest = { ramMiB: plan.ramMiB, format: 'qcow2', fio: true } as const
  const guests = Array.from({ length: plan.clones }, (_, at) => ({ ...guest, name: `clone${at + 1}` }))
  const memoryLimitBytes = plan.limitMiB * 2 ** 20
  return {
    commonMiB: plan.commonMiB,
    ownMiB: 16,
    readAheadKiB,
    hosts: [{ kind: 'plain', guests, memoryLimitBytes, readIops: unlimitedIops }],
  }
}

export async function runClones(
  lab: BenchLab,
  plan: ClonesPlan,
  policyName: PolicyName,
  start: PolicyStart & { readonly seed: number },
): Promise<Run[]> {
  const { guests } = lab.host
  let seed = start.seed * 1000
  const read = async (seconds: number) => {
    const all = guests.map((guest) => {
      seed += 1
      return runFio(guest, 'files/common/big.bin', seconds, zipfReads(0.75, seed))
    })
    return together(await Promise.all(all))
  }
  keepKsmOff()
  lab.limitReads(unlimitedIops)
  for (const guest of guests) await guest.command('drop')
  await dropCache(lab.images)
  await read(plan.settleSeconds)
  lab.limitReads(plan.readIops)
  const policy = await startPolicy(lab, policyName, start)
  const window = { lab, policyName, policy, guests, round: start.seed }
  try {
    await read(plan.settleSeconds)
    const reading = await measureWindow({ ...window, workload: 'c' }, () => read(plan.measureSeconds))
    const booting = await measureWindow({ ...window, workload: 'd' }, () => bootAll(lab, plan.bootStorms))
    return [reading, booting]
  } finally {
    await policy.stop()
  }
}

function together(all: readonly FioFigures[]): Pick<FioFigures, 'iops' | 'p99Seconds' | 'readBytes'> {
  return {
    readBytes: all.reduce((sum, { readBytes }) => sum + readBytes, 0),
    iops: all.reduce((sum, { iops }) => sum + iops, 0),
    p99Seconds: Math.max(...all.map(({ p99Seconds }) => p99Seconds)),
  }
}

/** In place of operations: boots per minute; in place of the slowest reads: the slowest boot. */
async function bootAll(
  { host: { guests }, images }: BenchLab,
  storms: number,
): Promise<Pick<FioFigures, 'iops' | 'p99Seconds'>> {
  const seconds: number[] = []
  for (let storm = 0; storm < storms; storm += 1) {
    await dropCache(images)
    seconds.push(...(await Promise.all(guests.map((guest) => reboot(guest)))))
  }
  const mean = seconds.reduce((sum, one) => sum + one, 0) / seconds.length
  return { iops: (60 * guests.length) / mean, p99Seconds: Math.max(...seconds) }
}
