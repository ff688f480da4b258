// Policies on a live host: previewed, started, watched and stopped. The policy itself is in policies.ts.
import { z } from 'zod'
import { objectOf } from './object-of.ts'
import { policySchema } from './policies.ts'
import { bytes, count, figure, instant, name, pid, seconds, signedBytes } from './quantity.ts'

const sentence = z.string().max(1024)
const maxDecisions = 32

/** A bound that stops the policy, and how near it is. `value` absent: nothing to judge by yet. */
const guardReading = objectOf(() => ({
  name: z.enum([
    'regret of streams',
    'regret of other pages',
    'reads from storage',
    'read latency',
    'CPU',
    'memory pressure',
    'broken merges',
  ]),
  unit: z.enum(['ratio', 'seconds']),
  value: figure.nonnegative().optional(),
  bound: figure.nonnegative(),
  /** This long the policy still leaves pages alone because of it. */
  pausedSeconds: seconds.optional(),
}))
export type GuardReading = z.infer<typeof guardReading>

/** Told apart from every other run, whatever clocks and process numbers do. */
export const runId = z.string().min(1).max(64)

/** session: ends, and everything is restored, with the connection. service: stays. */
export const runMode = z.enum(['session', 'service'])

/** One look of the engine, what it planned and did, and why. */
export const policyRound = objectOf(() => ({
  /** Of its run: with `sequence` it names the round. */
  runId,
  /** On the host's clock. */
  at: instant,
  /** Counts from 1 in each run. */
  sequence: count,
  imageCacheBytes: bytes,
  imageCacheLimitBytes: bytes,
  /** Of the images looked at in this round; absent: nothing was measured yet. */
  doubleCachedBytes: bytes.optional(),
  /** Since the start, as the next look confirmed. */
  evictedBytes: bytes,
  /** Of these, what was read again within the regret window. */
  returnedBytes: bytes,
  /** A dry run: what this round would evict. */
  wouldEvictBytes: bytes.optional(),
  readLatencySeconds: seconds.optional(),
  /** PSI some avg10; absent: not reported by this kernel. */
  memoryPressureRatio: figure.nonnegative().optional(),
  ksm: z
    .object({
      scanning: z.boolean(),
      bursting: z.boolean(),
      mergedBytes: bytes,
      /** Since the start. */
      mergedSinceBytes: signedBytes,
      /** Absent: not measured yet. */
      potentialBytes: bytes.optional(),
      /** Guests whose merging this round switched. Absent: none. */
      switchedGuests: count.optional(),
    })
    .optional(),
  /** Guests' memory in huge pages, AnonHugePages of /proc/meminfo. Absent: not reported by this kernel. */
  hugePages: z
    .object({
      atStartBytes: bytes,
      nowBytes: bytes,
      /** Split in vain, and collapsed again since the start. */
      givenBackBytes: bytes,
    })
    .optional(),
  /** Of one core, over the last minute. `ksmd` absent: not visible from this helper. */
  cpu: z.object({ helperRatio: figure.nonnegative(), ksmdRatio: figure.nonnegative().optional() }),
  guards: z.array(guardReading).max(16),
  /** The same sentences as the command line prints. */
  decisions: z.array(sentence).max(maxDecisions),
}))
export type PolicyRound = z.infer<typeof policyRound>

/** Who keeps this host: another helper process, of whom, and since when. */
const policyHolder = objectOf(() => ({ pid, who: name, action: name, since: instant }))

const policyRun = objectOf(() => ({
  id: runId,
  policy: policySchema,
  mode: runMode,
  since: instant,
  who: name,
  from: name,
  /** The newest last. */
  rounds: z.array(policyRound).max(200),
  /** Why the last round failed, while the loop goes on. */
  trouble: sentence.optional(),
  /** Outside the windows of its schedule: everything is put back, and nothing is looked at. */
  resting: z.object({ until: instant.optional(), timeZone: name }).optional(),
}))
export type PolicyRun = z.infer<typeof policyRun>

export const policyStatus = objectOf(() => ({
  /** Absent: this helper runs no policy. */
  run: policyRun.optional(),
  /** Another process on this host that changes it at this moment, as the lock says. */
  heldBy: policyHolder.optional(),
  /** Why it cannot be told whether another process changes this host. */
  holderUnknown: sentence.optional(),
  /** Why the last run ended, where it did not end on request. */
  ended: sentence.optional(),
  /** What the admin of the host has to see to, while all goes on. */
  warning: sentence.optional(),
}))
export type PolicyStatus = z.infer<typeof policyStatus>

/** One line of what policies did on a host, kept by the workbench. */
export const policyNote = objectOf(() => ({
  /** By the workbench's clock. */
  at: instant,
  /** When its run began, by the host's clock: notes of one run have the same. */
  since: instant,
  mode: runMode,
  text: sentence,
}))
export type PolicyNote = z.infer<typeof policyNote>
export const maxPolicyNotes = 1000
/** The newest first. */
export const policyNotes = z.object({ notes: z.array(policyNote).max(maxPolicyNotes) })

const policyParams = z.object({ policy: policySchema })
export const policyStartParams = policyParams.extend({
  /** Whether another policy that the host's service was given gives way. Absent: refused as `other-policy`. */
  replace: z.boolean().optional(),
})
export type PolicyStart = z.infer<typeof policyStartParams>
/** `policy` absent: what a host runs by default once changes are allowed. */
export const policyPreviewParams = policyParams.extend({ rounds: z.int().min(1).max(10).default(3) })

export const policyPreview = objectOf(() => ({
  rounds: z.array(policyRound).max(10),
  /** What the policy would evict within these rounds. */
  wouldEvictBytes: bytes,
  /** What it would merge: the measured potential. Absent: KSM is observed only, or was not measured. */
  wouldMergeBytes: bytes.optional(),
  /** What it is likely to cost, and what it could not judge, in sentences. */
  costs: z.array(sentence).max(maxDecisions),
}))
export type PolicyPreview = z.infer<typeof policyPreview>
