// How many more guests like one a host carries: now, and under a policy that need not run. Pure.
import {
  type Assessment,
  type Capacity,
  type CapacityAnswer,
  type CapacityReading,
  type CapacityResource,
  type CapacityScenario,
  capacity as capacitySchema,
  type Policy,
  shownTime,
} from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { formatBytes, formatRatio } from '../../shared/units.ts'
import { withValue } from '../../shared/with-value.ts'
import { add, divide, isKnown, known, least, mapKnown, notKnown, orNotKnown, subtract } from './answers.ts'
import { badDayOf } from './bad-day.ts'
import { carriedByProcessors, carriedByReads } from './carried.ts'
import { bytesOfOneMore, describeLike, findLike, type GuestLike } from './one-more-guest.ts'
import {
  freeBytesOf,
  mergedNowOf,
  realisedOf,
  reclaimableOf,
  reserveOf,
  roomOf,
  stillFreedOf,
} from './room.ts'
import { describeStale } from './stale.ts'

export interface CapacityInputs {
  readonly hostId: string
  readonly hostName: string
  /** By the workbench's clock. */
  readonly at: number
  readonly reading: CapacityReading
  readonly assessment: Assessment
  /** An assessment from before, if the workbench keeps one. */
  readonly earlier: Assessment | undefined
  /** The highest hour of the last week. Absent: not kept. */
  readonly seenBreaksPerSecond?: number | undefined
  readonly like: string | number | undefined
  /** The policy that runs on the host. */
  readonly running: Policy | undefined
  readonly asked: { readonly policy: Policy; readonly title: string }
}

/**
 * `like` absent in the document: the assessment holds no such guest. Throws `protocol` for figures that no host has: each is
 * within its bounds, and what comes of them is not, so that it would spoil every report that holds it.
 */
export function estimateCapacity(inputs: CapacityInputs): Capacity {
  const estimated = capacitySchema.safeParse(describeCapacity(inputs))
  if (estimated.success) return estimated.data
  const where = estimated.error.issues[0]?.path.join('.') ?? ''
  throw new Problem(
    'protocol',
    `cannot estimate the capacity of ${inputs.hostName}: no host has such figures (see ${where})`,
    { remedy: 'Look whether its helper is the one that this workbench has put there.' },
  )
}

function describeCapacity(inputs: CapacityInputs): Capacity {
  const { reading, assessment, asked, running } = inputs
  const assessed = findLike(assessment.guests, inputs.like)
  const like = assessed && describeLike(assessed, assessment, reading, inputs.earlier)
  const hasKsm = reading.merging !== undefined
  const mergesNow = reading.merging?.scanning === true || (hasKsm && running?.ksm.mode === 'govern')
  const now = { kind: 'now', title: titleOfNow(reading, running), merges: mergesNow } as const
  const under = {
    kind: 'policy',
    title: asked.title,
    merges: hasKsm && asked.policy.ksm.mode === 'govern',
  } as const
  const scenarios = [
    scenarioOf(now, inputs, running ?? asked.policy, running, like),
    scenarioOf(under, inputs, asked.policy, asked.policy, like),
  ]
  return {
    version: 1,
    hostId: inputs.hostId,
    hostName: inputs.hostName,
    at: inputs.at,
    assessedAt: shownTime(assessment),
    ...withValue({ stale: describeStale(reading, assessment) }),
    memory: memoryOf(reading, assessment),
    ...withValue({ like: like?.about }),
    scenarios,
    overcommit: overcommitOf(reading, assessment),
    notes: notesOf(inputs, like),
  }
}

function titleOfNow({ merging }: CapacityReading, running: Policy | undefined): string {
  if (running !== undefined) return `as it runs: scrub ${running.scrub.mode}, KSM ${running.ksm.mode}`
  if (merging === undefined) return 'as it is: no KSM'
  return merging.scanning ? 'as it is: KSM scans' : 'as it is: KSM does not scan'
}

function scenarioOf(
  head: Pick<CapacityScenario, 'kind' | 'title' | 'merges'>,
  { reading, assessment, earlier, seenBreaksPerSecond }: CapacityInputs,
  reservePolicy: Policy,
  guardPolicy: Policy | undefined,
  like: GuestLike | undefined,
): CapacityScenario {
  const { merges } = head
  const excluded = guardPolicy?.ksm.exclude ?? []
  const frees = merges ? stillFreedOf(assessment, excluded) : known(0)
  const room = roomOf(reading, assessment, frees)
  const reserve = reserveOf(reservePolicy.ksm, add(mergedNowOf(reading), frees))
  const savedOfOne = merges && like !== undefined ? savedOf(like, assessment, excluded) : 0
  const bytes = takesOf(like, assessment, savedOfOne > 0)
  const takes = mapKnown(bytes, (value) => value + savedOfOne * reservePolicy.ksm.reserveRatio)
  const byMemory = divide(subtract(room, reserve), takes, 'one more guest takes nothing')
  const resources = resourcesOf(byMemory, reading, like, { room, takes })
  // Without memory nothing can be said, whatever the others leave.
  const guests = isKnown(byMemory)
    ? mapKnown(least(resources.map((one) => one.guests)), Math.floor)
    : byMemory
  const endsFirst = firstToEnd(resources)
  return {
    ...head,
    room,
    reserve,
    takes,
    resources: resources.map((one) => ({ ...one, guests: mapKnown(one.guests, Math.floor) })),
    guests,
    ...withValue({ endsFirst }),
    safeOvercommit: safeOvercommitOf(reading, assessment, like, guests),
    badDay: badDayOf({
      ...{ reading, assessment, earlier, seenBreaksPerSecond, frees, reserve },
      more: { guests, takes: bytes, mergedBytes: savedOfOne },
      policy: guardPolicy,
    }),
  }
}

/** What merging saves of one more: it needs a reserve of its own. 0 of a guest that KSM may not or is not to merge. */
function savedOf(
  { assessed, mayMerge, about }: GuestLike,
  assessment: Assessment,
  excluded: readonly string[],
): number {
  if (!mayMerge || excluded.includes(assessed.name)) return 0
  return about.sharedBytes * realisedOf(assessment).best
}

/** Without the reserve. */
function takesOf(like: GuestLike | undefined, assessment: Assessment, merges: boolean): CapacityAnswer {
  if (like === undefined) return notKnown('no guest runs here to compare with')
  if (like.assessed.why.some(({ code }) => code === 'hugetlb-ram'))
    return notKnown('its RAM lies in reserved huge pages, which no other memory gives')
  return bytesOfOneMore(like, merges, realisedOf(assessment))
}

function resourcesOf(
  byMemory: CapacityAnswer,
  reading: CapacityReading,
  like: GuestLike | undefined,
  { room, takes }: { readonly room: CapacityAnswer; readonly takes: CapacityAnswer },
): CapacityScenario['resources'] {
  const why =
    isKnown(room) && isKnown(takes)
      ? `${formatBytes(room.best)} for guests that take ${formatBytes(takes.best)} each`
      : 'the room here, or what one guest takes, is not known'
  return [
    { resource: 'memory', guests: byMemory, why },
    { resource: 'cpu', ...carriedByProcessors(reading, like?.read) },
    { resource: 'reads', ...carriedByReads(reading, like?.read) },
  ]
}

function firstToEnd(resources: CapacityScenario['resources']): CapacityResource | undefined {
  const limiting = resources.filter(({ guests }) => isKnown(guests))
  const best = ({ guests }: (typeof limiting)[number]) =>
    isKnown(guests) ? guests.best : Number.POSITIVE_INFINITY
  return limiting.toSorted((a, b) => best(a) - best(b))[0]?.resource
}

function memoryOf(reading: CapacityReading, assessment: Assessment): Capacity['memory'] {
  const { memory, limit, merging } = reading
  const { imageCacheBytes, doubleCachedBytes, mergeableBytes } = assessment.totals
  const reclaimable = reclaimableOf(reading)
  return {
    totalBytes: memory.totalBytes,
    ...withValue({ limitBytes: limit?.limitBytes }),
    freeBytes: freeBytesOf(reading),
    reclaimable,
    imageCacheBytes,
    doubleCachedBytes,
    mergeableBytes,
    mergedBytes: orNotKnown(merging?.mergedBytes, 'this kernel has no KSM'),
  }
}

function physicalBytesOf({ memory, limit }: CapacityReading): number {
  return Math.min(memory.totalBytes, limit?.limitBytes ?? memory.totalBytes)
}

function overcommitOf(reading: CapacityReading, assessment: Assessment): Capacity['overcommit'] {
  const { swapTotalBytes, swapFreeBytes, committedBytes, commitLimitBytes } = reading.memory
  const promisedBytes = assessment.guests.reduce((sum, { ramBytes }) => sum + ramBytes, 0)
  const physicalBytes = physicalBytesOf(reading)
  const absent = 'this kernel does not report it'
  return {
    promisedBytes,
    physicalBytes,
    ratio: physicalBytes > 0 ? promisedBytes / physicalBytes : 0,
    swapTotalBytes,
    swapUsedBytes: Math.max(0, swapTotalBytes - swapFreeBytes),
    committed: orNotKnown(committedBytes, absent),
    commitLimit: orNotKnown(commitLimitBytes, absent),
  }
}

function safeOvercommitOf(
  reading: CapacityReading,
  assessment: Assessment,
  like: GuestLike | undefined,
  guests: CapacityAnswer,
): CapacityAnswer {
  const physicalBytes = physicalBytesOf(reading)
  if (like === undefined || physicalBytes === 0) return notKnown('no guest runs here to compare with')
  const promised = assessment.guests.reduce((sum, { ramBytes }) => sum + ramBytes, 0)
  return mapKnown(guests, (count) => (promised + count * like.assessed.ramBytes) / physicalBytes)
}

function notesOf({ assessment, reading }: CapacityInputs, like: GuestLike | undefined): string[] {
  const { sampling } = assessment
  const notes: string[] = []
  if (sampling !== undefined)
    notes.push(
      `${formatRatio(sampling.ratio)} of all contents were compared: what is mergeable is within ${formatBytes(sampling.mergeableMarginBytes)}.`,
    )
  if (assessment.guests.length === 1)
    notes.push('Only one guest runs: what a second one would share with it beyond zeros was not seen.')
  if (reading.unreadable.length + assessment.unreadable.length > 0)
    notes.push('Parts of this host could not be read: what they hold is missing here.')
  if (like !== undefined && !isKnown(like.about.growth) && like.about.growth.kind === 'not-known')
    notes.push(`Growth is not known because ${like.about.growth.because}: its RAM bounds the interval.`)
  return notes
}
