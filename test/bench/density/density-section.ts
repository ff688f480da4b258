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
import type { BenchOptions, Measured, Section } from '../section.ts'
import { measureBreakRate } from './break-rate.ts'
import { carry, type DensityTrial, type Foreseen } from './carry.ts'
import { formatDensity, type Measurements } from './format-density.ts'
import type { DensityPlan, GrowingLab } from './growing-lab.ts'

export const densitySection: Section = { name: 'density', title: '10. Guests carried', measure }

export const densityPlan: DensityPlan = {
  limitMiB: 1300,
  ramMiB: 256,
  commonMiB: 120,
  ownMiB: 8,
  mostGuests: 18,
}
const stepSeconds = 10
const forecastAt = 3
const alone = 'kernel alone'

async function measure({ rounds, only, earlier, adds, say, keep }: BenchOptions): Promise<Measured> {
  const present = [undefined, ours, stock, ...(hasKsmtuned() ? [ksmtuned] : [])]
  const contenders = present.filter((one) => only?.includes((one?.name ?? alone).replace(' ', '-')) ?? true)
  const folder = mkdtempSync(join(tmpdir(), 'singleton-density-'))
  const before = earlier as Measurements | undefined
  const trials: DensityTrial[] = adds ? [...(before?.trials ?? [])] : []
  const roundsOf = (name: string) => trials.filter(({ contender }) => contender === name).length
  try {
    const breakBytesPerCoreSecond = (adds && before?.breakBytesPerCoreSecond) || (await measureBreakRate())
    const report = () => {
      const raw: Measurements = { breakBytesPerCoreSecond, trials }
      return { text: formatDensity(raw, densityPlan), raw }
    }
    for (let round = 0; round < rounds; round += 1)
      for (const contender of contenders) {
        resetKsm()
        const foresee = (lab: GrowingLab) => foreseeBy(lab, join(folder, 'home'))
        const options = { plan: densityPlan, imagesDir: join(folder, 'images'), stepSeconds, forecastAt }
        const trial = await carry(contender, roundsOf(contender?.name ?? alone) + 1, {
          ...options,
          say,
          foresee,
        })
        say(`${trial.contender}: carried ${trial.carried}; ended by ${trial.tripped}`)
        trials.push(trial)
        keep?.(report())
      }
    return report()
  } finally {
    resetKsm()
    rmSync(folder, { recursive: true, force: true })
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
