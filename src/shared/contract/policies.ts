// The policy file's schema with its documented defaults. docs/policies.md explains every key.
import { z } from 'zod'
import { recordOf } from './bounded.ts'

const MiB = 1024 * 1024
const GiB = 1024 * MiB

const bytes = z.int().nonnegative()
const ratio = z.number().min(0).max(1)
const imagePath = z.string().min(2).max(4096).startsWith('/', 'must be an absolute path')
const interval = z.number().min(0.1).max(3600)

interface GuardDefaults {
  readonly regretRatio: number
  readonly readLatencyGrowth: number
}

function guardsSchema(defaults: GuardDefaults) {
  return z
    .strictObject({
      /** No image is scrubbed below this. */
      imageFloorBytes: bytes.default(0),
      /** Floors of single images, by path; they replace `imageFloorBytes`. */
      imageFloors: recordOf(imagePath, bytes, 10_000).default({}),
      /** Images never touched. */
      exclude: z.array(imagePath).max(10_000).default([]),
      evictBytesPerSecond: z.int().min(MiB).default(GiB),
      /** Images that several guests open: keep them, evict what all of them hold, or treat them as any other. */
      sharedBase: z.enum(['keep', 'held-by-all', 'evict']).default('held-by-all'),
      dirty: z.enum(['leave', 'flush']).default('leave'),
      dryRun: z.boolean().default(false),
      /** Returned / evicted pages within the window, weighted by what a return costs. 1 = never stops. */
      regretRatio: ratio.default(defaults.regretRatio),
      regretWindowSeconds: z.number().min(1).max(86_400).default(60),
      /** Stops above this mean read latency. Absent: no absolute bound. */
      readLatencySeconds: z.number().positive().max(60).optional(),
      /** Stops when the read latency exceeds that of quiet times by this factor. */
      readLatencyGrowth: z.number().min(1).max(1000).default(defaults.readLatencyGrowth),
      /** Back-off doubles the interval up to this. */
      maxIntervalSeconds: z.number().min(1).max(86_400).default(300),
    })
    .prefault({})
}

const careful = { regretRatio: 0.1, readLatencyGrowth: 3 }
const determined = { regretRatio: 0.5, readLatencyGrowth: 10 }
const unbound = { regretRatio: 1, readLatencyGrowth: 1000 }

function observePolicySchema() {
  return z.strictObject({
    mode: z.literal('observe'),
    intervalSeconds: interval.default(2),
    guards: guardsSchema(careful),
  })
}

function reclaimTargetSchema() {
  return z
    .strictObject({
      /** Evict this much, then stop. */
      freeBytes: bytes.optional(),
      /** Evict until the image cache is no larger than this. */
      cacheBytes: bytes.optional(),
      /** Evict while memory pressure (PSI some avg10) is at least this. */
      pressureRatio: ratio.optional(),
    })
    .refine((target) => Object.values(target).filter((value) => value !== undefined).length === 1, {
      message: 'needs exactly one of freeBytes, cacheBytes, pressureRatio',
    })
}

function reclaimPolicySchema() {
  return z.strictObject({
    mode: z.literal('reclaim'),
    intervalSeconds: interval.default(1),
    target: reclaimTargetSchema(),
    guards: guardsSchema(determined),
  })
}

function periodicPolicySchema() {
  return z.strictObject({
    mode: z.literal('periodic'),
    everySeconds: z.number().min(1).max(86_400).default(30),
    guards: guardsSchema(unbound),
  })
}

function adaptivePolicySchema() {
  return z.strictObject({
    mode: z.literal('adaptive'),
    intervalSeconds: interval.default(1),
    /** Kept free below the limit; more where arrivals of one interval need it. */
    headRoomRatio: z.number().min(0).max(0.9).default(0.05),
    /** A stream is evicted only when its footprint exceeds this share of the limit or the kernel failed to keep it. */
    streamShareRatio: ratio.default(0.9),
    /** Cost of a sequential read of a page against a random one: readahead fetches 32 pages at once. */
    sequentialCostRatio: ratio.default(1 / 32),
    /** Double-cached pages that are no stream: leave them or evict them for head-room. */
    doubleCached: z.enum(['keep', 'evict']).default('keep'),
    /** How long a region's history counts. */
    memorySeconds: z.number().min(10).max(86_400).default(600),
    guards: guardsSchema(careful),
  })
}

/** `scrub` of a policy, made anew. */
export function scrubPolicySchema() {
  return z
    .discriminatedUnion('mode', [
      observePolicySchema(),
      reclaimPolicySchema(),
      periodicPolicySchema(),
      adaptivePolicySchema(),
    ])
    .superRefine((scrub, context) => {
      const every = scrub.mode === 'periodic' ? scrub.everySeconds : scrub.intervalSeconds
      if (scrub.guards.maxIntervalSeconds < every)
        context.addIssue({
          code: 'custom',
          path: ['guards', 'maxIntervalSeconds'],
          message: `must not be below the interval of ${every} s`,
        })
    })
}

/** What ends a burst, and what follows it. */
function burstEndKeys() {
  return {
    stopAfterPasses: z.int().min(1).max(100).default(2),
    /** Of the potential: a pass that brings less, or leaves less uncompared, ends the burst. */
    plateauRatio: ratio.default(0.01),
    /** A burst is given up after so many whole passes … */
    maxPasses: z.int().min(2).max(1000).default(12),
    /** … or so much CPU of ksmd. */
    maxCpuSeconds: z.number().min(0.1).max(86_400).default(1800),
    /** After a burst, collapse huge pages that were split in vain; never while memory is short. */
    giveBackHugePages: z.boolean().default(true),
    /** What that may take, each time. */
    giveBackSeconds: z.number().min(0.1).max(600).default(10),
  }
}

function ksmPolicySchema() {
  return z
    .strictObject({
      mode: z.enum(['observe', 'govern']).default('observe'),
      /** ksmd's CPU, of one core, on average over the window; a burst may spend a whole window's budget at once. */
      cpuRatio: z.number().min(0.001).max(4).default(0.2),
      cpuWindowSeconds: z.number().min(1).max(3600).default(60),
      /** Instead of cpuRatio, from one second to the next, while guests are at work and wait for processors. */
      busyCpuRatio: z.number().min(0.001).max(4).default(0.04),
      /** A burst starts when the potential passes the larger of these two. */
      startPotentialBytes: bytes.default(64 * MiB),
      startPotentialRatio: ratio.default(0.01),
      /** Memory is short when PSI some avg10 reaches this … */
      pressureRatio: ratio.default(0.05),
      /** … or when available memory without the image cache falls below this share of the total. */
      lowMemoryRatio: ratio.default(0.1),
      /** Multiplies the start threshold while memory is short. */
      pressureThresholdRatio: ratio.default(0.25),
      /** Of the memory that lies in huge pages: merging must free as much to be worth splitting them. */
      hugePageRatio: ratio.default(0.02),
      ...burstEndKeys(),
      burstPagesToScan: z.int().min(1).max(1_000_000).default(5_000),
      minPagesToScan: z.int().min(1).max(1_000_000).default(100),
      sleepMillisecs: z.int().min(1).max(60_000).default(10),
      afterBurst: z.enum(['stop', 'trickle']).default('stop'),
      trickleCpuRatio: z.number().min(0.0001).max(4).default(0.01),
      bootBurst: z.boolean().default(true),
      /**
       * How long in ten minutes ksmd may hurry for guests that boot while memory is short: unmeasured, and while guests are at
       * work, within cpuRatio. 0: never.
       */
      bootHasteSeconds: z.number().min(0).max(300).default(0),
      /** A fresh potential is asked for this often; sooner after boots and bursts. */
      measureSeconds: z.number().min(5).max(86_400).default(300),
      /** Breaks per minute, as a share of the guest's merged pages, beyond which it is excluded … */
      breakRatio: ratio.default(0.1),
      /** … for this long, doubled each time. */
      excludeSeconds: z.number().min(10).max(86_400).default(600),
      /**
       * Memory kept for merged pages that break: this share of what merging saves, and no less than the bytes below. When
       * pages break faster than it allows, image cache is evicted and merging stops. Both 0: nothing is kept.
       */
      reserveRatio: ratio.default(0.1),
      reserveBytes: bytes.default(0),
      /** Guests never merged, by name. Their merge switch is turned off where the monitor can be reached. */
      exclude: z.array(z.string().min(1).max(512)).max(10_000).default([]),
      /** Switch merging off for guests with nothing to give. */
      aim: z.boolean().default(true),
      /** Take the knobs over from ksmtuned, MOM or the kernel's advisor, and give them back at the end. */
      takeOver: z.boolean().default(false),
    })
    .superRefine(refuseContradictions)
}

interface ContradictingKeys {
  readonly mode: 'observe' | 'govern'
  readonly minPagesToScan: number
  readonly burstPagesToScan: number
  readonly afterBurst: 'stop' | 'trickle'
  readonly trickleCpuRatio: number
  readonly cpuRatio: number
  readonly takeOver: boolean
}

function refuseContradictions(ksm: ContradictingKeys, context: z.RefinementCtx): void {
  const refuse = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message })
  if (ksm.minPagesToScan > ksm.burstPagesToScan)
    refuse('minPagesToScan', `must not exceed burstPagesToScan (${ksm.burstPagesToScan})`)
  if (ksm.afterBurst === 'trickle' && ksm.trickleCpuRatio > ksm.cpuRatio)
    refuse('trickleCpuRatio', `must not exceed cpuRatio (${ksm.cpuRatio})`)
  if (ksm.takeOver && ksm.mode === 'observe') refuse('takeOver', 'needs mode "govern"')
}

export const weekDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const timeOfDay = /^(?:[01]\d|2[0-3]):[0-5]\d$/
const endOfDay = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/

function scheduleWindowSchema() {
  return z
    .strictObject({
      /** On which it begins. */
      days: z
        .array(z.enum(weekDays))
        .min(1)
        .max(7)
        .default([...weekDays]),
      /** On the clock of the host's time zone; a window whose end is not after its begin passes midnight. */
      from: z.string().max(5).regex(timeOfDay, 'must be a time of day such as 22:00'),
      to: z.string().max(5).regex(endOfDay, 'must be a time of day such as 06:00, or 24:00'),
    })
    .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must differ from "from"' })
}

function policyScheduleSchema() {
  return z.strictObject({ windows: z.array(scheduleWindowSchema()).min(1).max(64) })
}

/** Its parts are made when it is first parsed: that takes long, and most starts of a helper parse no policy. */
export const policySchema = z.strictObject({
  version: z.literal(1).default(1),
  get scrub() {
    return scrubPolicySchema().prefault({ mode: 'observe' })
  },
  get ksm() {
    return ksmPolicySchema().prefault({})
  },
  /** Outside its windows the policy rests, and has put everything back. Absent: always at work. */
  get schedule() {
    return policyScheduleSchema().optional()
  },
})

export type Policy = z.infer<typeof policySchema>
export type ScrubPolicy = Policy['scrub']
export type KsmPolicy = Policy['ksm']
export type Guards = ScrubPolicy['guards']
export type PolicySchedule = NonNullable<Policy['schedule']>
export type ReclaimPolicy = Extract<ScrubPolicy, { mode: 'reclaim' }>
export type PeriodicPolicy = Extract<ScrubPolicy, { mode: 'periodic' }>
export type AdaptivePolicy = Extract<ScrubPolicy, { mode: 'adaptive' }>
