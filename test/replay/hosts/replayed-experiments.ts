// Experiments that a workbench has kept of a replayed host: one that found a gain, and one of an arm against itself.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Experiment,
  type ExperimentHost,
  type ExperimentPhase,
  type ExperimentPlan,
  policySchema,
} from '../../../src/shared/contract/index.ts'
import { createRandom, type Random } from '../../../src/shared/statistics/random.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { fakePlan } from '../../fakes/fake-experiment.ts'
import { replayedId } from './replayed-fleet.ts'
import { gib, guestName, mib, type ReplayedHost } from './replayed-host.ts'

/** Ids of what `writeReplayedExperiments` writes. */
export const replayedExperiments = { gain: 'e-gain', check: 'e-check' } as const

const minute = 60_000
const phaseSeconds = 20
const warmUpSeconds = 5
const pairs = 10
const off = { name: 'off' }
const adaptive = { name: 'adaptive', policy: policySchema.parse({ scrub: { mode: 'adaptive' } }) }

/** Before the workbench starts: it reads them then. */
export function writeReplayedExperiments(folder: string, host: ReplayedHost): void {
  const hostIds = [replayedId(host.index)]
  const common = { hostIds, phaseSeconds, warmUpSeconds, pairs, metric: 'hit-ratio' as const }
  const gain = fakePlan({ ...common, title: 'Does scrubbing help?', arms: [off, adaptive], seed: 7 })
  const check = fakePlan({ ...common, title: 'The kernel against itself', arms: [off, off], seed: 8 })
  mkdirSync(join(folder, 'experiments'), { recursive: true })
  write(folder, experimentOf(host, { id: replayedExperiments.check, plan: check, hits: [0.52, 0.52] }))
  write(folder, experimentOf(host, { id: replayedExperiments.gain, plan: gain, hits: [0.52, 0.78] }))
}

function write(folder: string, experiment: Experiment): void {
  writeFileSync(join(folder, 'experiments', `${experiment.id}.json`), JSON.stringify({ experiment }))
}

interface Order {
  readonly id: string
  readonly plan: ExperimentPlan
  /** Typical hit ratio under each arm. */
  readonly hits: readonly [number, number]
}

function experimentOf(host: ReplayedHost, { id, plan, hits }: Order): Experiment {
  const startedAt = wallClock() - 19 * minute
  const [hostId = ''] = plan.hostIds
  const random = createRandom(plan.seed)
  const order = Array.from({ length: pairs }, (_, pair) => (pair % 4 === 0 || pair % 4 === 3 ? 0 : 1))
  const phaseMs = 1000 * (phaseSeconds + warmUpSeconds)
  const phases = order.flatMap((first, pair) =>
    [first, 1 - first].map((arm, place) =>
      phaseOf(host, random, {
        pair,
        arm: arm === 0 ? 0 : 1,
        startedAt: startedAt + (2 * pair + place) * phaseMs,
        hitRatio: hits[arm] ?? 0,
      }),
    ),
  )
  const place: ExperimentHost = {
    hostId,
    name: hostId,
    address: `root@replayed-${host.index + 1}`,
    state: 'done',
    order: order.map((first) => (first === 0 ? 0 : 1)),
    phases,
  }
  return {
    version: 1,
    id,
    plan,
    startedAt,
    endedAt: startedAt + 2 * pairs * phaseMs,
    who: 'ada',
    workbench: 'desk',
    state: 'done',
    hosts: [place],
  }
}

interface PhaseOrder extends Pick<ExperimentPhase, 'pair' | 'arm' | 'startedAt'> {
  readonly hitRatio: number
}

function phaseOf(host: ReplayedHost, random: Random, { hitRatio, ...phase }: PhaseOrder): ExperimentPhase {
  const about = (value: number, share: number) => value * (1 + share * (2 * random.next() - 1))
  const measuredFrom = phase.startedAt + 1000 * warmUpSeconds
  return {
    ...phase,
    attempt: 0,
    state: 'valid',
    measuredFrom,
    endedAt: measuredFrom + 1000 * phaseSeconds,
    figures: {
      seconds: phaseSeconds,
      guests: Array.from({ length: host.guests }, (_, guest) => {
        const hits = Math.min(0.99, about(hitRatio - 0.03 * guest, 0.08))
        const askedBytes = Math.round(about(320, 0.1)) * mib
        return {
          name: guestName(host, guest),
          reads: Math.round(about(18_000 * (0.6 + hits), 0.05)),
          askedBytes,
          fetchedBytes: Math.round(askedBytes * (1 - hits)),
          readLatencySeconds: about(0.0016 * (1.1 - hits), 0.06),
        }
      }),
      memoryBytes: Math.round(about(phase.arm === 0 ? 31 : 29, 0.01) * gib),
      imageCacheBytes: Math.round(about(6, 0.02) * gib),
      cpuRatio: about(phase.arm === 0 ? 0.004 : 0.03, 0.1),
      otherCpuRatio: about(0.4, 0.1),
      pressureRatio: 0,
    },
  }
}
