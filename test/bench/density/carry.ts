// One trial: guests boot one after the other until a guard trips; the one before was carried.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify, isAlive, type ProcessId } from '../../beds/lab/processes.ts'
import type { KsmContender, RunningContender } from '../ksm-contenders.ts'
import { readKsmdCpu, readMerged } from '../ksm-kernel.ts'
import { readCpuSeconds } from '../suite/counters.ts'
import { type DensityPlan, type GrowingLab, upGrowingLab } from './growing-lab.ts'
import type { DensityTrial, Forecast, Step } from './measurements.ts'
import { percentile, Service } from './service.ts'

export interface DensityOptions {
  readonly plan: DensityPlan
  readonly imagesDir: string
  readonly say: (line: string) => void
  /** Asked once, when so many guests run. */
  readonly forecastAt: number
  readonly foresee: (lab: GrowingLab) => Promise<Omit<Forecast, 'askedAt'>>
}

const pressureBound = 0.1
const MiB = 2 ** 20

/** Undefined: the kernel alone, without KSM. */
export async function carry(
  contender: KsmContender | undefined,
  round: number,
  options: DensityOptions,
): Promise<DensityTrial> {
  const lab = await upGrowingLab(options.plan, options.imagesDir)
  const service = new Service()
  const steps: Step[] = []
  const cpu: number[] = []
  let foreseen: Pick<DensityTrial, 'forecast' | 'notForeseen'> = {}
  let tripped = `the most guests of this benchmark, ${options.plan.mostGuests}`
  let running: RunningContender | undefined
  try {
    running = await contender?.start()
    const alive: ProcessId[] = []
    while (lab.guests.length < options.plan.mostGuests) {
      const step = await grow(lab, service, alive, options.plan.stepSeconds, running?.helperCpuSeconds)
      if ('tripped' in step) {
        tripped = step.tripped
        break
      }
      const trip = findTrip(step.step, steps)
      options.say(describeStep(contender?.name ?? 'kernel alone', step.step))
      if (trip !== undefined) {
        tripped = trip
        break
      }
      steps.push(step.step)
      cpu.push(step.cpuRatio / step.step.guests)
      if (lab.guests.length === options.forecastAt) foreseen = await askForecast(lab, options)
    }
  } finally {
    await takeDown(lab, service, running)
  }
  const carried = steps.length
  return {
    ...{ contender: contender?.name ?? 'kernel alone', round, carried, tripped, steps },
    halfP95Ms: steps[Math.max(0, Math.ceil(carried / 2) - 1)]?.p95Ms ?? Number.NaN,
    fullP95Ms: steps.at(-1)?.p95Ms ?? Number.NaN,
    cpuPerGuest: cpu.at(-1) ?? Number.NaN,
    ...foreseen,
  }
}

/** A trial takes minutes: without a forecast what it carried still counts. */
async function askForecast(
  lab: GrowingLab,
  { foresee, forecastAt, say }: DensityOptions,
): Promise<Pick<DensityTrial, 'forecast' | 'notForeseen'>> {
  try {
    return { forecast: { askedAt: forecastAt, ...(await foresee(lab)) } }
  } catch (error) {
    const notForeseen = error instanceof Error ? error.message : String(error)
    say(notForeseen)
    return { notForeseen }
  }
}

async function takeDown(
  lab: GrowingLab,
  service: Service,
  running: RunningContender | undefined,
): Promise<void> {
  try {
    await running?.stop()
  } finally {
    // Guests first: a request to a guest that has ended is answered by nobody.
    await lab.down()
    await service.stop()
  }
}

type Grown = { readonly step: Step; readonly cpuRatio: number } | { readonly tripped: string }

async function grow(
  lab: GrowingLab,
  service: Service,
  alive: ProcessId[],
  stepSeconds: number,
  helperCpuSeconds: (() => number) | undefined,
): Promise<Grown> {
  const mergedBefore = readMerged()
  const from = performance.now()
  try {
    const guest = await lab.boot()
    alive.push(identify(guest.pid))
    service.add(guest)
  } catch (error) {
    return {
      tripped: `a guest could not boot: ${error instanceof Error ? error.message.slice(0, 80) : error}`,
    }
  }
  const readCpu = () =>
    alive.reduce((sum, { pid }) => sum + readCpuSeconds(pid), readKsmdCpu() + (helperCpuSeconds?.() ?? 0))
  const merged: { readonly seconds: number; readonly pages: number }[] = []
  let [pressureRatio, cpuFrom, cpuAt] = [0, 0, 0]
  for (let second = 0; second < stepSeconds; second += 1) {
    await sleep(1000)
    merged.push({ seconds: (performance.now() - from) / 1000, pages: readMerged() - mergedBefore })
    pressureRatio = Math.max(pressureRatio, readPressureRatio())
    const dead = alive.filter((guest) => !isAlive(guest)).length
    if (dead > 0) return { tripped: `the kernel killed ${dead} of ${alive.length} guests` }
    // The boot itself is no part of what is judged.
    if (second === Math.floor(stepSeconds / 2)) {
      service.take()
      ;[cpuFrom, cpuAt] = [readCpu(), performance.now()]
    }
  }
  const { latencies, lost } = service.take()
  const added = merged.at(-1)?.pages ?? 0
  const cpuRatio = (readCpu() - cpuFrom) / ((performance.now() - cpuAt) / 1000)
  const step: Step = {
    guests: alive.length,
    p95Ms: 1000 * percentile(latencies, 0.95),
    lost,
    pressureRatio,
    usedMiB: readUsedBytes(lab) / MiB,
    mergedMiB: (readMerged() * 4096) / MiB,
    mergedAfterSeconds: merged.find(({ pages }) => added > 0 && pages >= 0.9 * added)?.seconds ?? Number.NaN,
  }
  return { step, cpuRatio }
}

/** p95 is held against the median of the steps so far: one slow step of few guests is no bar. */
function findTrip({ guests, p95Ms, lost, pressureRatio }: Step, before: readonly Step[]): string | undefined {
  if (lost > 0) return `${lost} requests without an answer with ${guests} guests`
  if (pressureRatio > pressureBound)
    return `memory pressure (PSI some) ${(100 * pressureRatio).toFixed(0)} % with ${guests} guests`
  const usual = before.map((step) => step.p95Ms).toSorted((a, b) => a - b)[Math.floor(before.length / 2)]
  if (usual !== undefined && before.length >= 3 && p95Ms > 2 * usual)
    return `p95 ${p95Ms.toFixed(0)} ms, twice the ${usual.toFixed(0)} ms of before, with ${guests} guests`
  return undefined
}

function readPressureRatio(): number {
  const text = readFileSync('/proc/pressure/memory', 'utf8')
  return Number(/^some avg10=([\d.]+)/m.exec(text)?.[1] ?? Number.NaN) / 100
}

/** Of cgroup v1 or v2, without file pages. */
function readUsedBytes({ host }: GrowingLab): number {
  const [cgroup = ''] = host.cgroups
  const stat = readFileSync(join(cgroup, 'memory.stat'), 'utf8')
  const field = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? Number.NaN)
  return existsSync(join(cgroup, 'memory.limit_in_bytes')) ? field('total_rss') : field('anon')
}

function describeStep(name: string, { guests, p95Ms, pressureRatio, usedMiB, mergedMiB }: Step): string {
  return `${name}: ${guests} guests, p95 ${p95Ms.toFixed(0)} ms, pressure ${(100 * pressureRatio).toFixed(1)} %, ${usedMiB.toFixed(0)} MiB used, ${mergedMiB.toFixed(0)} MiB merged`
}
