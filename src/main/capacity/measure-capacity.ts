// Measures one host for an estimate of capacity: guests' contents where they are not known, then rates and limits.
import type { z } from 'zod'
import type { Assessment, Capacity, capacityOrder, Policy } from '../../shared/contract/index.ts'
import { defaultChangePolicy } from '../../shared/policies/policy-file.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import type { History } from '../history/history.ts'
import { arrive } from '../hosts/arrival.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { readPolicyStatus } from '../policies/host-policy.ts'
import { estimateCapacity } from './estimate.ts'
import { findLike } from './one-more-guest.ts'

type CapacityOrder = z.infer<typeof capacityOrder>

const readingMs = 30_000
const seenMs = 7 * 86_400_000
/** An hour each. */
const seenSlots = 168

/** Rejects with `not-found` where no guest has the name or process asked for, and with what measuring rejects with. */
export async function measureCapacity(
  { fleet, history }: { readonly fleet: Fleet; readonly history: History },
  order: CapacityOrder,
  context: CallContext,
): Promise<Capacity> {
  const { hostId, like } = order
  const host = fleet.find(hostId)
  const assessment = await findAssessment(fleet, order, context)
  if (like !== undefined && findLike(assessment.guests, like) === undefined)
    throw noSuchGuest(assessment, like)
  context.reportProgress({ step: 'looking at rates' })
  const { signal } = context
  const reading = arrive(await host.session.call('capacity/read', {}, { signal, timeoutMs: readingMs }))
  const { run } = await readPolicyStatus(fleet, hostId, signal)
  const capacity = estimateCapacity({
    hostId,
    hostName: host.session.host.name,
    at: wallClock(),
    reading,
    assessment,
    earlier: host.firstAssessment,
    seenBreaksPerSecond: await findHighestBreaks(history, hostId),
    like,
    running: run?.policy,
    asked: askedPolicy(order),
  })
  host.noteCapacity(capacity)
  return capacity
}

async function findAssessment(
  fleet: Fleet,
  { hostId, anew }: CapacityOrder,
  context: CallContext,
): Promise<Assessment> {
  const host = fleet.find(hostId)
  const last = host.view().assessment
  if (last !== undefined && !anew) return last
  const act = { hostId, kind: 'assess', title: 'Assess for capacity' } as const
  const assessment = arrive(await fleet.act(act, 'assess', {}, context))
  host.addAssessment(assessment)
  return assessment
}

/** Of the hours of the last week. undefined: the workbench keeps none of it. */
async function findHighestBreaks(history: History, hostId: string): Promise<number | undefined> {
  const to = wallClock()
  try {
    const { metrics } = await history.means({ hostId, from: to - seenMs, to, slots: seenSlots })
    const seen = (metrics.mergeBreaksPerSecond ?? []).filter((rate) => rate !== null)
    return seen.length === 0 ? undefined : Math.max(...seen)
  } catch (error) {
    if (asProblem(error).code === 'internal') throw error
    return undefined
  }
}

function askedPolicy({ policy = defaultChangePolicy(), policyName }: CapacityOrder): {
  policy: Policy
  title: string
} {
  const modes = `scrub ${policy.scrub.mode}, KSM ${policy.ksm.mode}`
  return { policy, title: policyName === undefined ? `under ${modes}` : `under ${policyName}: ${modes}` }
}

function noSuchGuest({ guests }: Assessment, like: string | number): Problem {
  const names = guests.slice(0, 20).map(({ name }) => name)
  const remedy = names.length === 0 ? 'No guest runs on this host.' : `Its guests: ${names.join(', ')}.`
  return new Problem(
    'not-found',
    `cannot estimate for guests like ${like}: no guest of this host has this name`,
    {
      remedy,
    },
  )
}
