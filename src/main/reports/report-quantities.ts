// The quantities that reports compare before and after, once for all formats: name, unit, source, and where they are read.
import {
  type Assessment,
  aboutMetric,
  type MetricName,
  type MetricUnit,
  metricNames,
  metrics,
  type ReportedFigure,
  type ReportedHost,
  type ReportedQuantity,
} from '../../shared/contract/index.ts'
import { figureErrors } from '../../shared/figures/figure-errors.ts'
import { formatUnit } from '../../shared/figures/format-unit.ts'
import { betterOf, metricTitle } from '../../shared/figures/metric-title.ts'
import { guestsKey, kernelKey, sumOnce } from '../../shared/figures/one-machine.ts'
import { withValue } from '../../shared/with-value.ts'

type Totals = Assessment['totals']

interface Assessed extends Pick<ReportedQuantity, 'title' | 'source' | 'better'> {
  readonly total: keyof Totals
}

const assessed: readonly Assessed[] = [
  {
    total: 'guestResidentBytes',
    title: 'Guest RAM present',
    source: 'Present pages of the RAM mappings of all guests (/proc/<pid>/pagemap).',
  },
  {
    total: 'mergedBytes',
    title: 'Merged by KSM',
    source: '(k−1)/k of a page for each of the k sites of a KSM page frame (/proc/kpageflags).',
    better: 'more',
  },
  {
    total: 'freedZeroBytes',
    title: 'Zero pages freed',
    source: "Guest pages that map the kernel's zero page without KSM counting them.",
    better: 'more',
  },
  {
    total: 'mergeableBytes',
    title: 'Mergeable',
    source: 'For each content (by hash), its distinct page frames less one: what KSM would still free.',
  },
  {
    total: 'imageCacheBytes',
    title: 'Image cache, assessed',
    source: "Resident pages of the guests' disk images in the host's page cache (mincore).",
  },
  {
    total: 'doubleCachedBytes',
    title: 'Double cached',
    source: 'Resident image pages whose content a guest that has the image open holds as well.',
    better: 'less',
  },
  {
    total: 'reclaimableBytes',
    title: 'Reclaimable',
    source: 'Mergeable + double cached: what could still be given back.',
    better: 'less',
  },
]

/** Steps are known at assessments only, which have a row of their own. */
const sampledNames = metricNames.filter((name) => metrics[name].kind !== 'step')

export const reportQuantities: readonly ReportedQuantity[] = [
  ...assessed.map(
    ({ total, title, source, better }): ReportedQuantity => ({
      key: assessedKey(total),
      title,
      unit: 'bytes',
      source: `${source} ${figureErrors.content}`,
      from: 'assessment',
      ...withValue({ better }),
    }),
  ),
  ...sampledNames.map(
    (name): ReportedQuantity => ({
      key: name,
      title: metricTitle(name),
      unit: metrics[name].unit,
      source: aboutMetric(name),
      from: 'history',
      ...withValue({ better: betterOf(name) }),
    }),
  ),
]

/** The key of a total of assessments among quantities. */
export function assessedKey(total: keyof Totals): string {
  return `assessed.${total}`
}

export type MeanValues = Partial<Readonly<Record<MetricName, number | null>>>

/** Absent where it was measured neither before nor after. */
export function figuresOf(
  assessments: { readonly before?: Assessment | undefined; readonly after?: Assessment | undefined },
  means: { readonly before: MeanValues; readonly after: MeanValues },
): ReportedFigure[] {
  const figures = [
    ...assessed.map(({ total }) => ({
      key: assessedKey(total),
      before: assessments.before?.totals[total],
      after: assessments.after?.totals[total],
    })),
    ...sampledNames.map((name) => ({
      key: name as string,
      before: means.before[name] ?? undefined,
      after: means.after[name] ?? undefined,
    })),
  ]
  return figures.flatMap(({ key, before, after }) =>
    before === undefined && after === undefined ? [] : [{ key, ...withValue({ before, after }) }],
  )
}

/** undefined: not measured. */
export function figureOf(
  host: Pick<ReportedHost, 'figures'>,
  key: string,
  when: 'before' | 'after',
): number | undefined {
  return host.figures.find((figure) => figure.key === key)?.[when]
}

/**
 * The sum over the hosts that have the figure; undefined when none has. Hosts that see the same guests of one machine count
 * once, and so do those of one kernel for what is the kernel's.
 */
export function sumOver(
  hosts: readonly ReportedHost[],
  of: 'guests' | 'kernel',
  read: (host: ReportedHost) => number | undefined,
): number | undefined {
  const { value, items } = sumOnce(hosts, { key: of === 'guests' ? guestsKey : kernelKey, read })
  return items === 0 ? undefined : value
}

export type ShownUnit = ReportedQuantity['unit'] | MetricUnit

/** A figure with its unit; `not measured` where it is undefined. */
export function formatFigure(value: number | undefined, unit: ShownUnit): string {
  return value === undefined ? 'not measured' : formatUnit(unit, value)
}

/** "+1.2 GiB (+12 %)"; nothing where one of the two was not measured. */
export function formatChange({ before, after }: ReportedFigure, unit: ShownUnit): string {
  if (before === undefined || after === undefined) return ''
  const change = after - before
  const sign = change > 0 ? '+' : change < 0 ? '−' : '±'
  if (unit === 'ratio') return `${sign}${Number((Math.abs(change) * 100).toFixed(1))} points`
  const share =
    before === 0 ? '' : ` (${sign}${Number(((Math.abs(change) / Math.abs(before)) * 100).toFixed(1))} %)`
  return `${sign}${formatFigure(Math.abs(change), unit)}${share}`
}
