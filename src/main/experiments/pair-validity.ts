// Whether the second phase of a pair can be compared with the first. Pure.
import {
  type ExperimentPhase,
  type ExperimentPlan,
  type GuestPhase,
  maxExperimentGuests,
  type PhaseFigures,
} from '../../shared/contract/index.ts'
import { metricWords } from '../../shared/text/experiment-text.ts'
import { isPerGuest } from './metric-values.ts'
import { hostSeries } from './pair-series.ts'

type Fault = NonNullable<ExperimentPhase['fault']>

/** undefined: it can. Both phases by themselves are valid. */
export function findPairFault(
  first: PhaseFigures,
  second: PhaseFigures,
  plan: Pick<ExperimentPlan, 'metric' | 'minReads'>,
): Fault | undefined {
  return guestFault(first, second) ?? valueFault(first, second, plan)
}

/** Of more guests than a record keeps, others may be kept of each phase. */
function guestFault(first: PhaseFigures, second: PhaseFigures): Fault | undefined {
  if (Math.max(first.guests.length, second.guests.length) >= maxExperimentGuests) return undefined
  const came = second.guests.find((guest) => !isThere(guest, first))
  if (came !== undefined)
    return { code: 'guest-came', text: `${came.name} booted or arrived since the other phase of the pair` }
  const went = first.guests.find((guest) => !isThere(guest, second))
  if (went === undefined) return undefined
  return { code: 'guest-went', text: `${went.name} ended or left since the other phase of the pair` }
}

function isThere(guest: GuestPhase, { guests }: PhaseFigures): boolean {
  return guests.some((other) => other.name === guest.name && isSameProcess(guest, other))
}

/** An older workbench kept no pid: then the name alone tells. */
function isSameProcess({ pid }: GuestPhase, other: GuestPhase): boolean {
  return pid === undefined || other.pid === undefined || pid === other.pid
}

/** Each phase may have had a guest that read enough, and not the same one. */
function valueFault(
  first: PhaseFigures,
  second: PhaseFigures,
  plan: Pick<ExperimentPlan, 'metric' | 'minReads'>,
): Fault | undefined {
  const pair = { pair: 0, phases: [{ figures: first }, { figures: second }] } as const
  if (hostSeries([pair], plan, plan.metric).length > 0) return undefined
  const words = metricWords[plan.metric]
  return isPerGuest[plan.metric]
    ? {
        code: 'too-few-reads',
        text: `no guest tells ${words} of both phases of the pair: none read enough in each, or its reads were counted in another way`,
      }
    : { code: 'not-reported', text: `${words} of both phases of the pair cannot be right` }
}
