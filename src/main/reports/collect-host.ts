// One host's part of a report: what history, assessments and the host itself tell of it. Absent stays absent.
import {
  type KsmStatus,
  maxReportPoints,
  type ReportedHost,
  type ReportedMark,
  type ScrubResult,
  type TimeWindow,
} from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { History, Means } from '../history/history.ts'
import type { FleetHost } from '../hosts/fleet-host.ts'
import { mergedSince } from './merged-since.ts'
import { figureOf, figuresOf, type MeanValues } from './report-quantities.ts'

export interface HostSources {
  readonly history: History
  readonly trail: AuditTrail
}

const statusWithinMs = 10_000
const maxMarks = 200
const noMeans: MeanValues = {}

/** Never rejects for what one source does not give: that is a note of the host. */
export async function collectHost(
  watched: FleetHost,
  range: TimeWindow,
  sources: HostSources,
): Promise<ReportedHost> {
  const view = watched.view()
  const { id, name, address } = view.host
  const notes: string[] = []
  const remembered = await orNote(sources.history.remembered(id), {}, notes)
  const baseline = remembered.firstAssessment ?? watched.firstAssessment
  const latest = view.assessment ?? remembered.assessment
  const after = latest === baseline || latest?.at === baseline?.at ? undefined : latest
  const scrub = view.lastScrub ?? remembered.scrub
  const marks = await orNote(listMarks(sources.trail, id, range), [], notes)
  const measured = await measureRange(sources.history, id, range, marks, notes)
  const ksm = await readKsm(watched, notes)
  const host = {
    figures: figuresOf({ before: baseline, after }, measured),
    ...withValue({ baseline, after, scrub }),
  }
  noteWhatIsMissing(host, view.readAheadBytes, notes)
  const isKsmdHidden = ksm !== undefined && ksm.counters.ksmdCpuSeconds === undefined
  if (isKsmdHidden)
    notes.push('/proc of this host does not show ksmd: what merging costs in CPU is not known.')
  return {
    name,
    address,
    ...host,
    ...withValue({
      machine: view.machine ?? latest?.host.machine,
      ksm,
      capacity: watched.lastCapacity,
      helperVersion: view.hello?.version,
      windows: measured.windows,
      series: measured.series,
      reclaimableBytes: view.reclaimableBytes ?? latest?.totals.reclaimableBytes,
      wonBytes: wonBy(host, view.latest && sumOf(view.latest.images), marks),
      cpuRatio: isKsmdHidden ? undefined : cpuRatioOf(host),
      cpuSeconds: sumOfCpu(watched.cpuSpent),
      ksmdCpuSeconds: watched.cpuSpent?.ksmdSeconds,
    }),
    marks,
    notes,
  }
}

interface Measured {
  readonly before: MeanValues
  readonly after: MeanValues
  readonly windows?: ReportedHost['windows']
  readonly series?: ReportedHost['series']
}

async function measureRange(
  history: History,
  hostId: string,
  range: TimeWindow,
  marks: readonly ReportedMark[],
  notes: string[],
): Promise<Measured> {
  const nothing = { before: noMeans, after: noMeans }
  const means = await orNote(history.means({ hostId, ...range, slots: maxReportPoints }), undefined, notes)
  const shown = means && trim(means)
  if (!shown) {
    notes.push('No history of this range: figures by the second are missing, those of assessments are not.')
    return nothing
  }
  const windows = chooseWindows({ from: shown.at[0] ?? range.from, to: range.to }, marks)
  const meanOf = async (window: TimeWindow) =>
    firstSlot(await orNote(history.means({ hostId, ...window, slots: 1 }), { at: [], metrics: {} }, notes))
  return {
    before: await meanOf(windows.before),
    after: await meanOf(windows.after),
    windows,
    series: { at: [...shown.at], metrics: Object.fromEntries(reportedMetrics(shown)) },
  }
}

/** Undefined where no slot has a value. Slots before the first value are left out. */
function trim({ at, metrics }: Means): Means | undefined {
  const columns = Object.values(metrics)
  const first = at.findIndex((_, index) => columns.some((values) => (values[index] ?? null) !== null))
  if (first < 0) return undefined
  const entries = Object.entries(metrics).map(([name, values]) => [name, values.slice(first)])
  return { at: at.slice(first), metrics: Object.fromEntries(entries) }
}

function reportedMetrics({ metrics }: Means): [string, (number | null)[]][] {
  return Object.entries(metrics).flatMap(([name, values]) =>
    values.some((value) => value !== null) ? [[name, [...values]] as [string, (number | null)[]]] : [],
  )
}

function firstSlot({ metrics }: Means): MeanValues {
  return Object.fromEntries(Object.entries(metrics).map(([name, [value]]) => [name, value ?? null]))
}

/** Before: up to the first change of the host in the range. Without one: the first and the last tenth. Pure. */
export function chooseWindows(
  range: TimeWindow,
  marks: readonly ReportedMark[],
): NonNullable<ReportedHost['windows']> {
  const tenth = (range.to - range.from) / 10
  const after = { from: range.to - tenth, to: range.to }
  const first = marks.find(({ at }) => at > range.from && at < after.from)
  if (first) {
    return {
      before: { from: range.from, to: first.at },
      after,
      reason: `before: up to the first change of the host (${first.text}); after: the last tenth of the range`,
    }
  }
  return {
    before: { from: range.from, to: range.from + tenth },
    after,
    reason: 'before: the first tenth of the measured range; after: its last tenth',
  }
}

async function listMarks(
  trail: AuditTrail,
  hostId: string,
  { from, to }: TimeWindow,
): Promise<ReportedMark[]> {
  const entries = await trail.list({ hostId, limit: maxMarks })
  return entries
    .filter(({ at, action }) => at >= from && at <= to && !action.startsWith('install'))
    .map(({ at, action, target, outcome }) => ({
      at,
      text: [action, target, outcome === 'done' ? undefined : outcome]
        .filter(Boolean)
        .join(' · ')
        .slice(0, 1024),
    }))
}

type Measurements = Pick<ReportedHost, 'baseline' | 'after' | 'scrub' | 'figures'>

/**
 * Merged between the assessments, and evicted and not come back. Where no scrub was asked for but changes were made, a
 * policy evicted: then it is what history says of the cache. Pure.
 */
export function wonBy(
  { baseline, after, scrub, figures }: Measurements,
  imageCacheNow: number | undefined,
  marks: readonly ReportedMark[],
): number | undefined {
  const history = { figures }
  const [mergedBefore, mergedAfter] = (['before', 'after'] as const).map((when) =>
    figureOf(history, 'mergedBytes', when),
  )
  const merged =
    baseline && after
      ? mergedSince(baseline.totals, after.totals)
      : mergedBefore !== undefined && mergedAfter !== undefined
        ? Math.round(mergedAfter - mergedBefore)
        : undefined
  const evicted =
    scrub && !scrub.dryRun ? stillEvicted(scrub, imageCacheNow ?? cacheSince(scrub, after)) : undefined
  const [cacheBefore, cacheAfter] = (['before', 'after'] as const).map((when) =>
    figureOf(history, 'imageCacheBytes', when),
  )
  const shrunk =
    marks.length > 0 && cacheBefore !== undefined && cacheAfter !== undefined
      ? Math.max(0, Math.round(cacheBefore - cacheAfter))
      : undefined
  const cache = evicted ?? shrunk
  return merged === undefined && cache === undefined ? undefined : (merged ?? 0) + (cache ?? 0)
}

function stillEvicted({ totals }: ScrubResult, now: number): number {
  return Math.min(totals.evictedBytes, Math.max(0, totals.residentBeforeBytes - now))
}

function cacheSince(scrub: ScrubResult, after: ReportedHost['after']): number {
  return after && after.at > scrub.at ? after.totals.imageCacheBytes : scrub.totals.residentAfterBytes
}

function sumOf(images: readonly { readonly residentBytes: number }[]): number {
  return images.reduce((sum, { residentBytes }) => sum + residentBytes, 0)
}

function cpuRatioOf(host: Pick<ReportedHost, 'figures'>): number | undefined {
  const ksmd = figureOf(host, 'ksmdCpuRatio', 'after')
  const helper = figureOf(host, 'helperCpuRatio', 'after')
  return ksmd === undefined && helper === undefined ? undefined : Math.max(0, (ksmd ?? 0) + (helper ?? 0))
}

/** Since the workbench connected. */
function sumOfCpu(spent: FleetHost['cpuSpent']): number | undefined {
  return spent?.ksmdSeconds === undefined ? undefined : spent.helperSeconds + spent.ksmdSeconds
}

function noteWhatIsMissing(
  { baseline, after }: Measurements,
  readAheadBytes: number | undefined,
  notes: string[],
): void {
  const latest = after ?? baseline
  if (!latest) notes.push('This host was not assessed.')
  if (latest && !after)
    notes.push('Only one assessment: it is shown as “before”; there is no figure for “after”.')
  if (latest?.sampling) {
    notes.push('Contents were sampled: figures of identical and mergeable pages are estimates with a margin.')
  }
  if (readAheadBytes !== undefined) {
    notes.push(
      'The kernel read ahead more than the guests asked for, so the hit ratio of the last minute was below 0.',
    )
  }
  const unread = latest?.unreadable.length ?? 0
  if (unread > 0) notes.push(`${unread} items could not be read; the JSON report lists them.`)
}

async function readKsm(watched: FleetHost, notes: string[]): Promise<KsmStatus | undefined> {
  if (!watched.session.link) {
    notes.push('Not connected when the report was made: all figures are those of the last connection.')
    return watched.view().latest?.ksm
  }
  return orNote(
    watched.session.call('ksm/status', {}, { timeoutMs: statusWithinMs }),
    undefined,
    notes,
    'KSM: ',
  )
}

async function orNote<T>(asked: Promise<T>, otherwise: T, notes: string[], about = ''): Promise<T> {
  try {
    return await asked
  } catch (error) {
    notes.push(`${about}${error instanceof Error ? error.message : String(error)}`.slice(0, 1024))
    return otherwise
  }
}
