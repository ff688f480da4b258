// Experiments: two policies in turn on the same guests, what was measured under each, and what follows from it.
import { z } from 'zod'
import { hostId } from './hosts.ts'
import { policySchema } from './policies.ts'
import { bytes, count, figure, instant, name, pid, ratio, seconds } from './quantity.ts'

export const maxExperimentHosts = 100
export const maxExperimentPairs = 100
export const maxExperiments = 200
/** A pair whose phases are not both valid is run again, this often altogether. */
export const maxPairTries = 3
export const defaultMarginRatio = 0.1
const maxPhases = maxExperimentPairs * 2 * maxPairTries
/** Of one host: those that read most. */
export const maxExperimentGuests = 256
const sentence = z.string().max(2048)

export const experimentMetrics = [
  'read-latency',
  'hit-ratio',
  'reads-per-second',
  'memory',
  'guests-carried',
] as const
export const experimentMetric = z.enum(experimentMetrics)
export type ExperimentMetric = z.infer<typeof experimentMetric>

/** What is compared; without a policy the kernel is left alone. */
export const experimentArm = z.object({ name: name.min(1), policy: policySchema.optional() })
export type ExperimentArm = z.infer<typeof experimentArm>

/** What ends an experiment and puts everything back. */
export const experimentGuards = z.object({
  /** A guard of the policy trips: regret, read latency. */
  policyGuards: z.boolean().default(true),
  /** Memory pressure (PSI some avg10) above this, if it doubled since the phase began. */
  pressureRatio: figure.min(0.001).max(1).default(0.2),
  /** A phase is this many times worse than the median of the other arm, by the primary metric. */
  slowdownFactor: figure.min(1.1).max(1000).default(5),
})

/** Decided before any figure is seen, and kept with the result. */
export const experimentPlan = z.object({
  title: name.optional(),
  hostIds: z.array(hostId).min(1).max(maxExperimentHosts),
  /** The second is judged against the first. */
  arms: z.tuple([experimentArm, experimentArm]),
  phaseSeconds: z.number().min(1).max(3600).default(30),
  /** Cut off at the beginning of each phase, on top of its seconds. */
  warmUpSeconds: z.number().min(0).max(3600).default(5),
  pairs: z.int().min(1).max(maxExperimentPairs).default(10),
  /** Before each phase all clean pages of the guests' images leave the host's page cache. */
  cold: z.boolean().default(false),
  metric: experimentMetric.default('read-latency'),
  /** A difference of up to this much, either way, does not matter. */
  marginRatio: figure.min(0.001).max(1).default(defaultMarginRatio),
  /** Of a guest in a phase. A guest with fewer says nothing in that pair. */
  minReads: z.int().min(1).max(1_000_000_000).default(100),
  /** Of the order of phases and of the resamples. */
  seed: z.int().min(0).max(0xffff_ffff),
  guards: experimentGuards.prefault({}),
})
export type ExperimentPlan = z.infer<typeof experimentPlan>
/** Without a seed one is drawn. */
export const experimentOrder = experimentPlan.extend({ seed: experimentPlan.shape.seed.optional() })

const phaseFault = z.enum([
  'too-few-reads',
  'not-reported',
  'guest-came',
  'guest-went',
  'guest-resized',
  'other-act',
  'other-load',
  'policy-changed',
  'policy-failed',
  'not-settled',
  'connection-lost',
  'workbench-closed',
  'stopped',
])
export type PhaseFault = z.infer<typeof phaseFault>

/** What one guest did in a phase, warm-up left out. Absent: not reported by this kernel or hypervisor. */
const guestPhase = z.object({
  name,
  /** Of its process: a guest that was started anew has another. Absent: an older workbench measured it. */
  pid: pid.optional(),
  /** Requests where the hypervisor counts them, else pages of 4 KiB asked of the host. */
  reads: count.optional(),
  /** They are pages. */
  readsInPages: z.boolean().optional(),
  askedBytes: bytes.optional(),
  fetchedBytes: bytes.optional(),
  /** Mean of a read request, as the hypervisor times it. */
  readLatencySeconds: seconds.optional(),
})
export type GuestPhase = z.infer<typeof guestPhase>

export const phaseFigures = z.object({
  /** Measured, by the helper's monotonic clock. */
  seconds,
  guests: z.array(guestPhase).max(maxExperimentGuests),
  /** Guest RAM less what is merged, and image cache; the mean over the phase. */
  memoryBytes: bytes.optional(),
  /** That the host's memory would carry, at what each takes; the mean over the phase. Absent: no guest ran. */
  guestsCarried: figure.nonnegative().optional(),
  imageCacheBytes: bytes.optional(),
  /** Of helper and ksmd, of one core. */
  cpuRatio: figure.nonnegative().optional(),
  /** CPU that the host spent on other than guests, helper and ksmd, of one core. */
  otherCpuRatio: figure.nonnegative().optional(),
  /** The highest memory pressure, PSI some avg10. */
  pressureRatio: figure.nonnegative().optional(),
})
export type PhaseFigures = z.infer<typeof phaseFigures>

const phaseState = z.enum(['settling', 'warming-up', 'measuring', 'valid', 'invalid'])
const experimentPhase = z.object({
  /** Counts from 0. */
  pair: count,
  /** Counts from 0; a repeated pair has a higher one. */
  attempt: count,
  arm: z.union([z.literal(0), z.literal(1)]),
  state: phaseState,
  /** By the workbench's clock. */
  startedAt: instant,
  measuredFrom: instant.optional(),
  endedAt: instant.optional(),
  /** Why it is not valid. */
  fault: z.object({ code: phaseFault, text: sentence }).optional(),
  figures: phaseFigures.optional(),
})
export type ExperimentPhase = z.infer<typeof experimentPhase>

const experimentHost = z.object({
  hostId,
  /** As they were at the start. */
  name,
  address: name,
  state: z.enum(['waiting', 'running', 'done', 'restored', 'unconfirmed', 'refused']),
  detail: sentence.optional(),
  /** For each pair the arm that comes first. */
  order: z.array(z.union([z.literal(0), z.literal(1)])).max(maxExperimentPairs),
  phases: z.array(experimentPhase).max(maxPhases),
})
export type ExperimentHost = z.infer<typeof experimentHost>

/** The second arm against the first, as a ratio. */
const estimate = z.object({
  pairs: count,
  /** Typical ratio of a pair (Hodges and Lehmann). */
  ratio: figure,
  /** Not contradicted by the exact signed-rank test. Absent: fewer than 6 pairs. */
  interval: z.object({ low: figure, high: figure, coverage: ratio }).optional(),
  medianRatio: figure,
  /** BCa bootstrap of the median. */
  medianInterval: z.object({ low: figure, high: figure }).optional(),
  /** Wilcoxon signed rank, exact, two-sided. */
  pValue: ratio,
  /** Rank-biserial correlation: 1 where the second arm is higher in every pair, −1 where it is lower. */
  effectSize: figure.min(-1).max(1),
})
export type Estimate = z.infer<typeof estimate>

export const comparison = z.object({
  metric: experimentMetric,
  /** Medians over the valid phases of each arm; of several guests their geometric mean. */
  levels: z.tuple([figure, figure]),
  estimate,
  /** Ratio of each pair, in their order, as [pair, ratio]. */
  ratios: z.array(z.tuple([count, figure])).max(maxExperimentPairs),
})
export type Comparison = z.infer<typeof comparison>

const comparisons = z.array(comparison).max(experimentMetrics.length)
export const verdict = z.object({
  kind: z.enum(['better', 'worse', 'no-difference', 'not-enough']),
  sentence,
})
export type Verdict = z.infer<typeof verdict>

const experimentResult = z.object({
  /** By the primary metric, over all hosts. */
  verdict,
  /** Over all guests and hosts, the primary metric first. */
  fleet: comparisons,
  /** Geometric mean of the hosts' ratios, with a bootstrap over hosts. Absent: one host. */
  overHosts: z
    .object({ hosts: count, ratio: figure, interval: z.object({ low: figure, high: figure }).optional() })
    .optional(),
  hosts: z
    .array(
      z.object({
        hostId,
        comparisons,
        guests: z.array(z.object({ name, comparisons })).max(maxExperimentGuests),
      }),
    )
    .max(maxExperimentHosts),
  caveats: z.array(sentence).max(64),
})
export type ExperimentResult = z.infer<typeof experimentResult>

const experimentState = z.enum(['running', 'pausing', 'paused', 'stopping', 'stopped', 'done'])
export type ExperimentState = z.infer<typeof experimentState>
export const experiment = z.object({
  version: z.literal(1),
  id: z
    .string()
    .max(64)
    .regex(/^[a-z0-9-]+$/),
  plan: experimentPlan,
  startedAt: instant,
  endedAt: instant.optional(),
  who: name,
  /** The workbench that ran it. */
  workbench: name,
  state: experimentState,
  /** Why it was stopped. */
  why: sentence.optional(),
  hosts: z.array(experimentHost).max(maxExperimentHosts),
})
export type Experiment = z.infer<typeof experiment>

/** With what follows from its phases so far. */
export const shownExperiment = experiment.extend({ result: experimentResult })
export type ShownExperiment = z.infer<typeof shownExperiment>

export const experimentSummary = experiment.omit({ hosts: true, plan: true }).extend({
  plan: experimentPlan.omit({ hostIds: true }),
  hostNames: z.array(name).max(maxExperimentHosts),
  verdict,
  /** Phases that ended, of all that are planned. */
  progress: ratio,
  remainingSeconds: seconds,
})
export type ExperimentSummary = z.infer<typeof experimentSummary>

export const experimentPreview = z.object({
  /** With the seed that was drawn. */
  plan: experimentPlan,
  /** Without repeats. */
  durationSeconds: seconds,
  hosts: z
    .array(
      z.object({
        hostId,
        name,
        steps: z
          .array(z.object({ atSeconds: seconds, pair: count, arm: experimentPhase.shape.arm }))
          .max(2 * maxExperimentPairs),
        /** Why it cannot take part now. */
        refusal: sentence.optional(),
      }),
    )
    .max(maxExperimentHosts),
  /** What is changed on the hosts and when, and what it may cost. */
  changes: z.array(sentence).max(64),
  costs: z.array(sentence).max(64),
})
export type ExperimentPreview = z.infer<typeof experimentPreview>

export const experimentSummaries = z.object({ experiments: z.array(experimentSummary).max(maxExperiments) })
export const experimentNaming = z.object({ id: experiment.shape.id })
/** What is exported as JSON; published as resources/experiment.schema.json. */
export const experimentDocument = shownExperiment.extend({
  document: z.literal('singleton-experiment'),
  exportedAt: instant,
  /** Version of the workbench. */
  exportedBy: name,
})
