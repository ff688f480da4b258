// Whether a phase by itself says anything about its arm; beside the others it is judged in other-load.ts. Pure.
import type {
  ExperimentPhase,
  ExperimentPlan,
  PhaseFault,
  PhaseFigures,
  Sample,
  SampledGuest,
} from '../../shared/contract/index.ts'
import { metricWords } from '../../shared/text/experiment-text.ts'
import { formatBytes, formatCount } from '../../shared/units.ts'
import { secondsBetween } from '../history/sample-deltas.ts'
import { guestValue, hostValue, isPerGuest } from './metric-values.ts'

type Fault = NonNullable<ExperimentPhase['fault']>

export interface PhaseEvidence {
  readonly plan: Pick<ExperimentPlan, 'metric' | 'minReads'>
  /** Taken since the host had settled, before those that are measured. */
  readonly before?: readonly Sample[]
  readonly samples: readonly Sample[]
  readonly figures: PhaseFigures
  /** Titles of acts that others ran on the host in the meantime. */
  readonly otherActs: readonly string[]
  /** What runs on the host at the end of the phase, where it is not what this arm asks for. */
  readonly policyFault?: string
}

/** undefined: valid. */
export function findFault(evidence: PhaseEvidence): Fault | undefined {
  const { before = [], samples, otherActs, policyFault } = evidence
  if (policyFault !== undefined) return fault('policy-changed', policyFault)
  if (otherActs[0] !== undefined) return fault('other-act', `"${otherActs[0]}" ran on the host`)
  return (
    seriesFault(samples) ??
    guestFault([...before, ...samples]) ??
    resizeFault(samples) ??
    readsFault(evidence)
  )
}

function fault(code: PhaseFault, text: string): Fault {
  return { code, text: text.slice(0, 2048) }
}

/** Another helper answers, or none did for long: what happened in between is not known. */
function seriesFault(samples: readonly Sample[]): Fault | undefined {
  const isWhole = samples.every((after, index) => {
    const before = samples[index - 1]
    return before === undefined || secondsBetween(before, after) !== undefined
  })
  return isWhole && samples.length > 1
    ? undefined
    : fault('connection-lost', 'samples of this phase do not belong to one series')
}

function guestFault(samples: readonly Sample[]): Fault | undefined {
  for (const [index, after] of samples.entries()) {
    const before = samples[index - 1]
    if (before === undefined) continue
    const came = after.guests.find((guest) => !isThere(guest, before))
    if (came) return fault('guest-came', `${came.name} booted or arrived from another host`)
    const went = before.guests.find((guest) => !isThere(guest, after))
    if (went) return fault('guest-went', `${went.name} ended or left for another host`)
  }
  return undefined
}

function isThere({ pid, name }: SampledGuest, { guests }: Sample): boolean {
  return guests.some((guest) => guest.pid === pid && guest.name === name)
}

/** A balloon takes memory back; nothing else shrinks a guest by so much at once, but merging, which is seen beside it. */
const shrinkRatio = 0.1
const shrinkBytes = 64 * 1024 * 1024

function resizeFault(samples: readonly Sample[]): Fault | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined) return undefined
  if (first.memory.totalBytes !== last.memory.totalBytes)
    return fault(
      'guest-resized',
      `the host's own memory changed from ${formatBytes(first.memory.totalBytes)} to ${formatBytes(last.memory.totalBytes)}`,
    )
  const merged = Math.max(0, (last.ksm?.mergedBytes ?? 0) - (first.ksm?.mergedBytes ?? 0))
  for (const guest of last.guests) {
    const before =
      first.guests.find(({ pid, name }) => pid === guest.pid && name === guest.name)?.rssBytes ?? 0
    const lost = before - guest.rssBytes - merged
    if (lost > Math.max(shrinkBytes, before * shrinkRatio))
      return fault(
        'guest-resized',
        `the memory of ${guest.name} shrank from ${formatBytes(before)} to ${formatBytes(guest.rssBytes)}`,
      )
  }
  return undefined
}

function readsFault({ plan: { metric, minReads }, figures }: PhaseEvidence): Fault | undefined {
  if (!isPerGuest[metric])
    return hostValue(metric, figures) === undefined
      ? fault('not-reported', `${metricWords[metric]} is not reported by this host`)
      : undefined
  const most = Math.max(0, ...figures.guests.map(({ reads }) => reads ?? 0))
  const telling = figures.guests.filter(({ reads }) => (reads ?? 0) >= minReads)
  if (telling.length === 0)
    return fault(
      'too-few-reads',
      `no guest read enough: ${formatCount(most)} reads at most, and ${formatCount(minReads)} are needed`,
    )
  const isReported = telling.some((guest) => guestValue(metric, guest, figures) !== undefined)
  return isReported
    ? undefined
    : fault(
        'not-reported',
        `${metricWords[metric]} is not reported for any guest that read enough: its monitor cannot be asked often enough`,
      )
}
