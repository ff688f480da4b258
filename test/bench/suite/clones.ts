// Workloads (c) and (d): clones of one base image, reading it side by side or booting at once.
import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { dropCache } from '../../lab/images.ts'
import type { LabGuest, LabOptions } from '../../lab/lab.ts'
import type { BenchLab } from '../bench-lab.ts'
import { type FioFigures, runFio, zipfReads } from './fio.ts'
import { keepKsmOff } from './ksm-off.ts'
import { type PolicyName, type PolicyStart, startPolicy } from './policies.ts'
import { measureWindow, type Run } from './run-window.ts'

export interface ClonesPlan {
  readonly clones: number
  readonly commonMiB: number
  readonly limitMiB: number
  readonly readIops: number
  readonly ramMiB: number
  readonly settleSeconds: number
  readonly measureSeconds: number
}

export const fullClones: ClonesPlan = {
  clones: 3,
  commonMiB: 400,
  limitMiB: 1_100,
  readIops: 1500,
  ramMiB: 192,
  settleSeconds: 4,
  measureSeconds: 10,
}

const unlimitedIops = 1_000_000
const bootTimeoutMs = 120_000

export function clonesLab(plan: ClonesPlan): LabOptions {
  const guest = { ramMiB: plan.ramMiB, format: 'qcow2', fio: true } as const
  const guests = Array.from({ length: plan.clones }, (_, at) => ({ ...guest, name: `clone${at + 1}` }))
  const memoryLimitBytes = plan.limitMiB * 2 ** 20
  return {
    commonMiB: plan.commonMiB,
    ownMiB: 16,
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
  const window = { lab, policyName, policy, guests }
  try {
    await read(plan.settleSeconds)
    const reading = await measureWindow({ ...window, workload: 'c' }, () => read(plan.measureSeconds))
    await dropCache(lab.images)
    const booting = await measureWindow({ ...window, workload: 'd' }, () => bootAll(guests))
    return [reading, booting]
  } finally {
    await policy.stop()
  }
}

function together(all: readonly FioFigures[]): Pick<FioFigures, 'iops' | 'p99Seconds'> {
  return {
    iops: all.reduce((sum, { iops }) => sum + iops, 0),
    p99Seconds: Math.max(...all.map(({ p99Seconds }) => p99Seconds)),
  }
}

/** In place of operations: boots per minute; in place of the slowest reads: the slowest boot. */
async function bootAll(guests: readonly LabGuest[]): Promise<Pick<FioFigures, 'iops' | 'p99Seconds'>> {
  const seconds = await Promise.all(guests.map(reboot))
  const mean = seconds.reduce((sum, one) => sum + one, 0) / seconds.length
  return { iops: (60 * guests.length) / mean, p99Seconds: Math.max(...seconds) }
}

/** Seconds until the guest has booted and read all of its files again. */
async function reboot(guest: LabGuest): Promise<number> {
  const countReady = () => readFileSync(guest.serialLog, 'latin1').split('LAB-READY').length
  const before = countReady()
  const from = performance.now()
  if (guest.qmpSocket === undefined) throw new Error(`cannot reboot ${guest.name}: it has no monitor`)
  await sendQmp(guest.qmpSocket, [
    { execute: 'qmp_capabilities' },
    // The lab starts its guests with -no-reboot.
    { execute: 'set-action', arguments: { reboot: 'reset' } },
    { execute: 'system_reset' },
  ])
  while (countReady() === before) {
    if (performance.now() - from > bootTimeoutMs) throw new Error(`cannot reboot ${guest.name}: not ready`)
    await sleep(50)
  }
  return (performance.now() - from) / 1000
}

async function sendQmp(path: string, commands: readonly object[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = createConnection(path)
  let text = ''
  socket.setEncoding('utf8')
  socket.setTimeout(10_000, () => reject(new Error(`cannot talk to the monitor at ${path}: no answer`)))
  socket.on('error', reject)
  socket.on('data', (chunk: string) => {
    text += chunk
    if (text.includes('"error"')) reject(new Error(`cannot command the monitor at ${path}: ${text}`))
    if (text.split('"return"').length > commands.length) resolve()
  })
  for (const command of commands) socket.write(`${JSON.stringify(command)}\n`)
  try {
    await promise
  } finally {
    socket.destroy()
  }
}
