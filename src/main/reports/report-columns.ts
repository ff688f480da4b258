// The figures of a report, once for all formats: what they are called, where they are found and their source.
import type { ReportedHost } from '../../shared/contract/index.ts'
import { guestsKey, kernelKey, type Once, type Sum, sumOnce } from '../../shared/one-machine.ts'
import { formatBytes, formatRatio, formatSeconds } from '../../shared/units.ts'

export interface ReportColumn {
  readonly key: keyof ReportedHost & string
  readonly title: string
  readonly unit: 'bytes' | 'ratio' | 'seconds'
  readonly source: string
  /** A fleet's figure is the sum of its hosts'. */
  readonly adds: boolean
}

export const reportColumns: readonly ReportColumn[] = [
  {
    key: 'guestResidentBytes',
    title: 'Guest RAM resident',
    unit: 'bytes',
    source: 'last assessment: present pages of the RAM mappings of all guests (/proc/<pid>/pagemap)',
    adds: true,
  },
  {
    key: 'mergeableBytes',
    title: 'Mergeable',
    unit: 'bytes',
    source: 'first assessment: for each content (by hash), its distinct page frames less one',
    adds: true,
  },
  {
    key: 'mergedBytes',
    title: 'Merged since',
    unit: 'bytes',
    source:
      'last assessment less the first: (k−1)/k of a page for each of the k sites of a KSM page frame, and zero pages freed as merging split huge pages',
    adds: true,
  },
  {
    key: 'imageCacheBeforeBytes',
    title: 'Image cache before',
    unit: 'bytes',
    source: 'resident pages of the images before the last scrub, else at the first assessment (mincore)',
    adds: true,
  },
  {
    key: 'imageCacheAfterBytes',
    title: 'Image cache after',
    unit: 'bytes',
    source: 'resident pages of the images after the last scrub (mincore)',
    adds: true,
  },
  {
    key: 'doubleCachedBytes',
    title: 'Double cached',
    unit: 'bytes',
    source: 'first assessment: resident image pages whose content a scanned guest held',
    adds: true,
  },
  {
    key: 'hitRatio',
    title: 'Hit ratio',
    unit: 'ratio',
    source: 'last minute, all guests: 1 − Δread_bytes / Δrchar of /proc/<pid>/io',
    adds: false,
  },
  {
    key: 'cpuSeconds',
    title: 'CPU spent',
    unit: 'seconds',
    source: 'helper and ksmd while the workbench sampled the host, else the cost of the acts alone',
    adds: true,
  },
]

export function figureOf(host: ReportedHost, column: ReportColumn): number | undefined {
  const value = host[column.key]
  return typeof value === 'number' ? value : undefined
}

/**
 * The sum over the hosts that have the figure; undefined when none has, or when it does not add up.
 * Hosts that see the same guests of one machine count once, and so does ksmd of hosts on one kernel.
 */
export function totalOf(hosts: readonly ReportedHost[], column: ReportColumn): number | undefined {
  if (!column.adds) return undefined
  const once = (key: Once<ReportedHost>['key'], read: Once<ReportedHost>['read']) =>
    sumOnce(hosts, { key, read })
  if (column.key !== 'cpuSeconds') return sumIn(once(guestsKey, (host) => figureOf(host, column)))
  const ksmd = once(kernelKey, ({ ksmdCpuSeconds }) => ksmdCpuSeconds)
  const others = once(
    () => undefined,
    ({ cpuSeconds, ksmdCpuSeconds = 0 }) => cpuSeconds && cpuSeconds - ksmdCpuSeconds,
  )
  return sumIn({ value: others.value + ksmd.value, items: others.items })
}

function sumIn({ value, items }: Sum): number | undefined {
  return items === 0 ? undefined : value
}

export function formatFigure(value: number | undefined, unit: ReportColumn['unit']): string {
  if (value === undefined) return 'not measured'
  if (unit === 'bytes') return formatBytes(value)
  return unit === 'ratio' ? formatRatio(value) : formatSeconds(value)
}
