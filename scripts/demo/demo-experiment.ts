// The demo's experiment, on a host of its own: the kernel alone against adaptive scrubbing, for a reader beside a stream.
import type { Comparison, ShownExperiment } from '../../src/shared/contract/index.ts'
import {
  describeEstimate,
  describeLevels,
  metricSources,
  metricWords,
} from '../../src/shared/text/experiment-text.ts'
import { tableLines } from '../../src/shared/text/table.ts'
import { formatSeconds } from '../../src/shared/units.ts'
import { beginPairLoad, type PairLoadPlan, pairHost } from '../../test/bench/experiment/pair-load.ts'
import { runExperiment } from '../../test/bench/experiment/run-experiment.ts'
import type { DemoHost, DemoStage } from './demo-stages.ts'

/**
 * What the host can cache, some 110 MiB, is more than the reader's part and less than the stream's file. All of it is small, so
 * that adaptive finds the stream, and the reader fills the room, within the warm-up: what a program holds leaves its guest
 * little to cache, so it asks its host all the time.
 */
const load: PairLoadPlan = {
  streamMiB: 256,
  readMiB: 96,
  readKiB: 32,
  ramMiB: 192,
  heldMiB: 48,
  limitMiB: 735,
  readIops: 1500,
}
const phases = { phaseSeconds: 3, warmUpSeconds: 6 }
/** It takes six for an interval, and those take 115 s. */
export const demoPairs = 6
/** Phases that are not valid are repeated with their pair, on a busy machine not without an end. */
const maxSecondsOfPair = 50

export const demoExperimentHost = pairHost('lab-c', load)

/** The host is connected. Throws where its guests do not come to read. */
export async function performExperiment(
  { workbench, clock, signal }: Omit<DemoStage, 'hosts'>,
  host: DemoHost,
  { labFolder, pairs }: { readonly labFolder: string; readonly pairs: number },
): Promise<ShownExperiment> {
  const maxSeconds = pairs * maxSecondsOfPair
  const context = { signal, reportProgress: () => undefined }
  clock.say(`${host.name}: a guest reads ${load.readMiB} MiB at random beside one that streams`)
  await beginPairLoad(host.lab, labFolder, load, maxSeconds + 60)
  await workbench.handlers['hosts/set-mode']({ hostId: host.id, mode: 'change' }, context)
  await workbench.handlers['hosts/connect']({ hostId: host.id }, context)
  const { phaseSeconds, warmUpSeconds } = phases
  clock.say(
    `${host.name}: experiment, the kernel alone (A) against adaptive scrubbing (B): ${pairs} pairs of phases of ${formatSeconds(phaseSeconds)}, each after ${formatSeconds(warmUpSeconds)} of warm-up`,
  )
  const order = {
    ...{ ...phases, pairs },
    metric: 'read-latency',
    minReads: 25,
    title: 'Reader beside a stream: the kernel alone against adaptive',
    // Its guests read more than its memory limit lets the host keep: pressure is what it is about.
    guards: { policyGuards: false, pressureRatio: 1 },
  } as const
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(maxSeconds * 1000)])
  return runExperiment(workbench, { hostIds: [host.id], arms: ['off', 'adaptive'], order }, inTime, (line) =>
    clock.say(line),
  )
}

/** The verdict, and each metric of each guest and of both before and after with its interval. Pure. */
export function renderExperiment({ result, plan }: ShownExperiment): string {
  const [host] = result.hosts
  const guests = host?.guests ?? []
  const rows = [
    ...guests.flatMap(({ name, comparisons }) => comparisons.map((one) => rowOf(name, one))),
    ...result.fleet.map((one) => rowOf('all', one)),
  ]
  const table = tableLines(
    ['guest', 'metric', `${plan.arms[0].name} → ${plan.arms[1].name}`, 'ratio (95 % interval)'],
    rows,
  )
  const seen = new Set(result.fleet.map(({ metric }) => metric))
  const sources = [...seen].map((metric) => `${metricWords[metric]}: ${metricSources[metric]}`)
  return ['Experiment: reader beside a stream', result.verdict.sentence, '', ...table, '', ...sources].join(
    '\n',
  )
}

function rowOf(subject: string, one: Comparison): string[] {
  return [subject, metricWords[one.metric], describeLevels(one), describeEstimate(one.estimate)]
}
