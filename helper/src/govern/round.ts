// The result of one round of the loop, and its sentences.

import { formatBytes, formatCount, formatSeconds } from '../../../src/shared/units.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { GivenBack } from '../ksm/huge-page-budget.ts'
import { savedPages } from '../policies/ksm-burst.ts'
import type { KsmAction } from '../policies/ksm-observation.ts'
import type { KsmPlan } from '../policies/ksm-state.ts'
import type { ScrubPlan } from '../policies/scrub-plan.ts'
import type { EvictedImage, Seen } from './governed-host.ts'

export interface Round {
  readonly seen: Seen
  readonly scrub: ScrubPlan
  readonly ksm?: KsmPlan
  readonly evicted: readonly EvictedImage[]
  /** Of the last minute, against the reserve that is kept for it. Absent: none is kept, or breaks are not counted. */
  readonly broken?: { readonly brokenBytes: number; readonly reserveBytes: number }
  /** Absent: no huge pages were given back in this round. */
  readonly givenBack?: GivenBack
  /** Undefined: nothing was measured in this round. */
  readonly measuredCpuSeconds?: number
}

/** Sentences of a round: why, then what. */
export function describeRound(round: Round): string[] {
  const { pageBytes } = round.seen.scrub
  const planned = round.scrub.actions
  const lines = [...round.scrub.explanation, ...(round.ksm?.explanation ?? []), ...round.seen.unreadable]
  if (round.scrub.dryRun && planned.length > 0) {
    const pages = planned.reduce((sum, action) => sum + action.pages, 0)
    lines.push(`dry run: would evict ${formatBytes(pages * pageBytes)} in ${planned.length} regions`)
  }
  for (const { path, evictedPages } of round.evicted)
    lines.push(
      `evicted ${formatBytes(evictedPages * pageBytes)} (${formatCount(evictedPages)} pages) of ${path}`,
    )
  if (round.givenBack !== undefined) lines.push(describeGivenBack(round.givenBack))
  return [...lines, ...(round.ksm?.actions ?? []).flatMap(describeKsmAction)]
}

function describeGivenBack({ bytes, candidateBytes, seconds, cpuSeconds, why }: GivenBack): string {
  const done = `${formatBytes(bytes)} of ${formatBytes(candidateBytes)} in huge pages that were split in vain`
  const cost = `${formatSeconds(seconds)}, ${formatSeconds(cpuSeconds)} of CPU`
  return `huge pages: gave back ${done} (${cost})${why === undefined ? '' : `: ${why}`}`
}

/** Scanning and stopping are explained by the plan itself. */
function describeKsmAction(action: KsmAction): string[] {
  if (action.kind === 'take-over') return [`KSM: takes over from ${action.governors.join(', ')}`]
  if (action.kind === 'merge-on' || action.kind === 'merge-off')
    return [`KSM: ${action.kind} for guest process ${action.pid}: ${action.why}`]
  return []
}

/** One JSON document a round. */
export function roundDocument(round: Round, cpuSeconds: number, nowMillis: number) {
  const { scrub, ksm } = round.seen
  const sum = (pick: (region: (typeof scrub.images)[number]['regions'][number]) => number | undefined) =>
    scrub.images.reduce((all, { regions }) => regions.reduce((one, r) => one + (pick(r) ?? 0), all), 0)
  const evictedPages = round.evicted.reduce((all, image) => all + image.evictedPages, 0)
  return {
    at: nowMillis,
    dryRun: round.scrub.dryRun,
    imageCacheBytes: scrub.memory.imageCachePages * scrub.pageBytes,
    imageCacheLimitBytes: scrub.memory.imageCacheLimitPages * scrub.pageBytes,
    doubleCachedBytes: sum((region) => region.doubleCachedPages) * scrub.pageBytes,
    arrivedBytes: sum((region) => region.arrivedPages) * scrub.pageBytes,
    returnedBytes: sum((region) => region.returnedPages) * scrub.pageBytes,
    evictedBytes: evictedPages * scrub.pageBytes,
    ...(ksm !== undefined && { ksm: ksmDocument(ksm, round.ksm) }),
    ...withValue({ givenBack: round.givenBack }),
    decisions: describeRound(round),
    cpu: { helperSeconds: cpuSeconds, measuredSeconds: round.measuredCpuSeconds ?? 0 },
  }
}

function ksmDocument(seen: NonNullable<Seen['ksm']>, plan: KsmPlan | undefined) {
  const { counters } = seen
  return {
    run: seen.run,
    mergedBytes: savedPages(counters) * seen.pageBytes,
    potentialBytes: seen.potential?.bytes ?? null,
    hugePageBytes: seen.memory.hugePageBytes ?? null,
    ksmdCpuSeconds: counters.ksmdCpuSeconds ?? null,
    bursting: plan?.state.burst !== undefined,
    actions: plan?.actions ?? [],
  }
}
