// Capacity: how many more guests like a given one a host can carry, and what a bad day would take. docs/capacity.md says
// how each figure comes about. What is not known says why, and is never 0.
import { z } from 'zod'
import { most } from './bounded.ts'
import { hostId } from './hosts.ts'
import { policySchema } from './policies.ts'
import { bytes, count, figure, instant, name, pid } from './quantity.ts'

const sentence = z.string().max(1024)
/** Why a figure is not known, for people: a clause that follows "not known because". */
const because = z.string().max(512)

/** A figure within an interval; or why it is not known; or why nothing limits it. */
const answer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('known'), best: figure, low: figure, high: figure }),
  z.object({ kind: z.literal('not-known'), because }),
  z.object({ kind: z.literal('no-limit'), because }),
])
export type CapacityAnswer = z.infer<typeof answer>

const capacityResources = ['memory', 'cpu', 'reads'] as const
export type CapacityResource = (typeof capacityResources)[number]

const hurtGuest = z.object({
  pid,
  name,
  /** What merging saves of it now: what it takes when all of its merged pages break. */
  mergedBytes: bytes,
  /** Merged pages that it lost between the assessments that the workbench keeps, as bytes a second. */
  brokePerSecond: answer,
  /** Its place among those that the kernel would end, 1 first. Absent: not readable. */
  killedAs: count.optional(),
})
export type HurtGuest = z.infer<typeof hurtGuest>

/** What happens when merged pages break, each of which then takes a page of its own. */
const badDay = z.object({
  /** In bytes, as are all that follow unless their names say else. */
  merged: answer,
  /**
   * Memory that broken pages can take before the kernel ends a guest: free, reclaimable cache, free swap, and what merging
   * still frees.
   */
  spare: answer,
  /** The reserve that the policy keeps for this. */
  reserve: answer,
  /** Bytes a second, at the higher of the rates seen. */
  rate: answer,
  /** Until the spare memory is gone at that rate. */
  rateSeconds: answer,
  /** All merged pages break at once: what is then missing. 0: everything fits. */
  worstMissing: answer,
  /** From the first broken page until the spare memory is gone, at the fastest rate that these processors write. */
  worstSeconds: answer,
  /** The same once the guests that fit run: then the saving is spent. */
  filled: z.object({ missing: answer, rateSeconds: answer, worstSeconds: answer }),
  /** Most merged first. */
  hurt: z.array(hurtGuest).max(64),
  /** What the policy would do, in sentences. */
  policyWould: z.array(sentence).max(16),
})
export type BadDay = z.infer<typeof badDay>

const scenario = z.object({
  /** now: as KSM is left at this moment. policy: under a policy that need not run yet. */
  kind: z.enum(['now', 'policy']),
  title: z.string().max(256),
  /** Whether new guests are merged. */
  merges: z.boolean(),
  /** Memory there is for more guests, before the reserve. */
  room: answer,
  reserve: answer,
  /** What one more guest takes. */
  takes: answer,
  /** Guests that each resource alone would carry. */
  resources: z
    .array(z.object({ resource: z.enum(capacityResources), guests: answer, why: sentence }))
    .max(capacityResources.length),
  guests: answer,
  /** The resource that ends it first. Absent: not known, or none does. */
  endsFirst: z.enum(capacityResources).optional(),
  /** RAM promised to guests over memory, with so many more guests: what measurement says is safe. */
  safeOvercommit: answer,
  badDay,
})
export type CapacityScenario = z.infer<typeof scenario>

export const capacity = z.object({
  version: z.literal(1),
  hostId,
  hostName: name,
  /** By the workbench's clock. */
  at: instant,
  /** When guests' contents were compared. */
  assessedAt: instant,
  /** What has changed since; present where the assessment no longer describes the host. */
  stale: sentence.optional(),
  memory: z.object({
    totalBytes: bytes,
    /** Of the control group of the guests. Absent: the host alone limits them. */
    limitBytes: bytes.optional(),
    freeBytes: bytes,
    /** What the kernel would give back without swapping, beside what is free. */
    reclaimable: answer,
    imageCacheBytes: bytes,
    doubleCachedBytes: bytes,
    mergeableBytes: bytes,
    mergedBytes: answer,
  }),
  /** The guest to go by. Absent: there is none. */
  like: z
    .object({
      pid,
      name,
      ramBytes: bytes,
      residentBytes: bytes,
      /** Pages whose content no other page of a guest has. */
      uniqueBytes: bytes,
      sharedBytes: bytes,
      hugePages: sentence,
      /** Page tables, QEMU's own memory, and what KSM keeps to know its pages. */
      overhead: answer,
      /** What of its process is swapped now, and would be present with memory enough. */
      swapped: answer,
      /** Bytes that it is still expected to take. */
      growth: answer,
      balloon: answer,
    })
    .optional(),
  scenarios: z.array(scenario).min(1).max(2),
  overcommit: z.object({
    /** RAM of all guests. */
    promisedBytes: bytes,
    /** Of the limit where there is one. */
    physicalBytes: bytes,
    ratio: figure.nonnegative(),
    swapTotalBytes: bytes,
    swapUsedBytes: bytes,
    committed: answer,
    commitLimit: answer,
  }),
  notes: z.array(sentence).max(most.notes),
})
export type Capacity = z.infer<typeof capacity>

export const capacityOrder = z.object({
  hostId,
  /** Name or process of the guest to go by. Absent: the one of median size. */
  like: z.union([pid, name.min(1)]).optional(),
  /** Absent: what a host runs by default once changes are allowed. */
  policy: policySchema.optional(),
  policyName: name.optional(),
  /** Compare guests' contents again. False: the last assessment serves, where there is one. */
  anew: z.boolean().default(false),
})
