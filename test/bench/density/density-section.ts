// Guests carried under one memory limit: the kernel alone, stock KSM, ksmtuned and ours, and what the workbench foresaw.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { capacity } from '../../../src/shared/contract/index.ts'
import { hasKsmtuned } from '../../beds/lab/ksmtuned.ts'
import { writeSshHome } from '../../beds/lab/lab.ts'
import { runCli } from '../../run-cli.ts'
import { ksmtuned, ours, stock } from '../ksm-contenders.ts'
import { resetKsm } from '../ksm-kernel.ts'
import { askedParts } from '../only-parts.ts'
import type { BenchOptions, Measured, Section } from '../section.ts'
import { measureBreakRate } from './break-rate.ts'
import { carry } from './carry.ts'
import { formatDensity } from './format-density.ts'
import type { DensityPlan, GrowingLab } from './growing-lab.ts'
import { type Foreseen, keptMeasurements, type Measurements, optionOf } from './measurements.ts'

export const densitySection: Section = { name: 'density', title: '10. Guests carried', measure }

export const densityPlan: DensityPlan = {
  limitMiB: 1300,
  ramMiB: 256,
  commonMiB: 120,
  ownMiB: 8,
  mostGuests: 18,
  // Time enough to measure what a boot brought and to merge it, for whoever merges.
  stepSeconds: 30,
}
const forecastAt = 3
const alone = 'kernel alone'

/** `only`: kernel-alone, ours, stock, ksmtuned; the others stay as the report has them. */
async function measure(options: BenchOptions): Promise<Measured> {
  const { rounds, only, say, keep } = options
  const present = [undefined, ours, stock, ...(hasKsmtuned() ? [ksmtuned] : [])]
  const optionFor = (one: (typeof present)[number]) => optionOf(one?.name ?? alone)
  const asked = askedParts(only, present.map(optionFor))
  const contenders = present.filter((one) => asked.includes(optionFor(one)))
  const kept = keptMeasurements(options)
  const trials = [...kept.trials]
  const roundsOf = (name: string) => trials.filter(({ contender }) => contender === name).length
  const folder = mkdtempSync(join(tmpdir(), 'singleton-density-'))
  const tidy = () => {
    resetKsm()
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', tidy)
  try {
    const breakBytesPerCoreSecond = kept.breakBytesPerCoreSecond ?? (await measureBreakRate())
    const report = () => {
      const raw: Measurements = { breakBytesPerCoreSecond, trials }
      return { text: formatDensity(raw, densityPlan), raw }
    }
    for (let round = 0; round < rounds; round += 1)
      for (const contender of contenders) {
        resetKsm()
        const foresee = (lab: GrowingLab) => foreseeBy(lab, join(folder, 'home'))
        const trialPlan = { plan: densityPlan, imagesDir: join(folder, 'images'), forecastAt }
        const trial = await carry(contender, roundsOf(contender?.name ?? alone) + 1, {
          ...trialPlan,
          say,
          foresee,
        })
        say(`${trial.contender}: carried ${trial.carried}; ended by ${trial.tripped}`)
        trials.push(trial)
        keep?.(report())
      }
    return report()
  } finally {
    process.off('exit', tidy)
    tidy()
  }
}

/** By the command line over SSH, as an admin would ask. Guests that run already are counted in. */
async function foreseeBy(lab: GrowingLab, home: string): Promise<{ now: Foreseen; policy: Foreseen }> {
  writeSshHome({ hosts: [lab.host] }, home)
  const result = await runCli(home, ['capacity', lab.host.name, '--like', 'web-1', '--json'])
  if (result.code !== 0) throw new Error(`cannot foresee: ${result.stderr}`)
  const [document] = z.array(capacity).parse(JSON.parse(result.stdout))
  const of = (kind: 'now' | 'policy'): Foreseen => {
    const byMemory = document?.scenarios
      .find((scenario) => scenario.kind === kind)
      ?.resources.find(({ resource }) => resource === 'memory')?.guests
    if (byMemory?.kind !== 'known') throw new Error(`cannot foresee: ${JSON.stringify(byMemory)}`)
    const running = lab.guests.length
    return { best: byMemory.best + running, low: byMemory.low + running, high: byMemory.high + running }
  }
  return { now: of('now'), policy: of('policy') }
}
