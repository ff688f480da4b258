// The value of each metric in a phase, by guest or for the host. Always above 0, so that two of them make a ratio. Pure.
import type { ExperimentMetric, GuestPhase, PhaseFigures } from '../../shared/contract/index.ts'

/** Reads are counted in pages where the hypervisor does not count requests. */
export const pageBytes = 4096

export const isPerGuest: Readonly<Record<ExperimentMetric, boolean>> = {
  'read-latency': true,
  'hit-ratio': true,
  'reads-per-second': true,
  memory: false,
  'guests-carried': false,
}

/** undefined: not reported, or nothing was read. */
export function guestValue(
  metric: ExperimentMetric,
  guest: GuestPhase,
  { seconds }: Pick<PhaseFigures, 'seconds'>,
): number | undefined {
  const { reads, readLatencySeconds } = guest
  if (metric === 'hit-ratio') return hitRatioOf(guest)
  if (reads === undefined || reads === 0) return undefined
  if (metric === 'read-latency') return readLatencySeconds === 0 ? undefined : readLatencySeconds
  return metric === 'reads-per-second' ? reads / seconds : undefined
}

/** Whether their values may be compared: requests and pages of reads are not the same. */
export function areCountedAlike(metric: ExperimentMetric, one: GuestPhase, other: GuestPhase): boolean {
  return metric !== 'reads-per-second' || areInPages(one) === areInPages(other)
}

/** An older workbench, which kept no pid either, did not say it: it timed requests, and never pages. */
function areInPages({ pid, readsInPages, readLatencySeconds }: GuestPhase): boolean {
  return readsInPages ?? (pid === undefined && readLatencySeconds === undefined)
}

/** What no hit at all is taken for, so that two phases have a ratio also where one of them hit nothing. */
const leastHitShare = 0.0001

/**
 * Of the pages asked for, those that storage was not asked for, between `leastHitShare` and as much below 1. It does not depend on
 * how many were asked for: two phases that hit nothing are alike. Readahead may fetch more than was asked for, which counts as no
 * hit.
 */
function hitRatioOf({ askedBytes, fetchedBytes }: GuestPhase): number | undefined {
  if (askedBytes === undefined || fetchedBytes === undefined || askedBytes === 0) return undefined
  const hits = 1 - Math.min(1, fetchedBytes / askedBytes)
  return leastHitShare + (1 - 2 * leastHitShare) * hits
}

/** undefined: not reported, or a metric of guests. */
export function hostValue(metric: ExperimentMetric, figures: PhaseFigures): number | undefined {
  if (metric === 'guests-carried') return figures.guestsCarried || undefined
  if (metric !== 'memory' || figures.memoryBytes === undefined) return undefined
  return Math.max(pageBytes, figures.memoryBytes)
}
