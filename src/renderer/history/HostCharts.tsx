// The charts of a host page: memory, image cache, KSM and hit ratio over one range.
import { SegmentedControl } from '@mantine/core'
import { useMemo } from 'react'
import type { MetricName, Series } from '../../shared/contract/index.ts'
import type { ChartLayer } from '../charts/chart-rows.ts'
import { TimeChart } from '../charts/TimeChart.tsx'
import { lineColors, quantityOf } from '../design/quantities.ts'
import { notReported } from '../ui/Figure.tsx'
import { formatMoment } from '../ui/moments.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import { type RangeId, rangeOf, ranges, shownRange } from './ranges.ts'
import { useSeries } from './use-series.ts'

interface HostChartsProps {
  readonly hostId: string
  readonly rangeId: RangeId
}

const memory: readonly MetricName[] = [
  'guestResidentBytes',
  'otherUsedBytes',
  'imageCacheBytes',
  'otherCacheBytes',
  'freeBytes',
]
const cache: readonly MetricName[] = ['imageCacheBytes', 'doubleCachedBytes', 'dirtyBytes']
const ksm: readonly MetricName[] = ['pagesSharing', 'pagesShared', 'pagesUnshared', 'pagesVolatile']
const anonymous: readonly MetricName[] = ['anonBytes', 'anonHugeBytes']
const cpu: readonly MetricName[] = ['ksmdCpuRatio', 'helperCpuRatio']

export function RangeControl({
  value,
  onChange,
}: {
  readonly value: RangeId
  readonly onChange: (id: RangeId) => void
}) {
  return (
    <SegmentedControl
      size="xs"
      aria-label="Time range"
      transitionDuration={0}
      data={ranges.map(({ id, label }) => ({ value: id, label }))}
      value={value}
      onChange={(id) => onChange(id as RangeId)}
    />
  )
}

export function HostCharts({ hostId, rangeId }: HostChartsProps) {
  const { series, range, problem } = useSeries(hostId, rangeOf(rangeId).milliseconds)
  const layers = useMemo(
    () => ({
      memory: layersOf(series, memory),
      cache: layersOf(series, cache),
      ksm: layersOf(series, ksm),
      cpu: layersOf(series, cpu),
      anonymous: layersOf(series, anonymous),
      hits: hitLayers(series),
    }),
    [series],
  )
  const shared = { at: series?.at, range: shownRange(range, series?.at), syncId: hostId }
  const none = 'No samples in this range.'
  return (
    <>
      {problem && <ProblemNotice problem={problem} attempt="Read the history" />}
      <TimeChart
        {...shared}
        title="Memory"
        {...(shared.range.from > range.from && {
          note: `measured since ${formatMoment(series?.at[0] ?? shared.range.from)}`,
        })}
        unit="bytes"
        stacked
        layers={layers.memory}
        empty={none}
        testId="chart-memory"
      />
      <div className="grid-2">
        <TimeChart
          {...shared}
          title="Image cache"
          unit="bytes"
          layers={layers.cache}
          empty={none}
          testId="chart-cache"
        />
        <TimeChart
          {...shared}
          title="Hit ratio"
          unit="ratio"
          layers={layers.hits}
          empty={series?.at.length === 0 ? none : 'No guest read from its images in this range.'}
          testId="chart-hits"
        />
        <TimeChart
          {...shared}
          title="KSM pages"
          unit="pages"
          layers={layers.ksm}
          empty={series?.at.length === 0 ? none : `KSM: ${notReported}.`}
          testId="chart-ksm"
        />
        <TimeChart
          {...shared}
          title="CPU cost"
          note="of one core"
          unit="ratio"
          layers={layers.cpu}
          empty={none}
          testId="chart-cpu"
        />
        <TimeChart
          {...shared}
          title="Anonymous memory"
          unit="bytes"
          layers={layers.anonymous}
          empty={none}
          testId="chart-anonymous"
        />
      </div>
    </>
  )
}

function layersOf(series: Series | undefined, names: readonly MetricName[]): ChartLayer[] {
  return names.map((name, position) => ({
    key: name,
    ...quantityOf(name, position),
    values: series?.metrics[name] ?? [],
  }))
}

function hitLayers(series: Series | undefined): ChartLayer[] {
  const guests = Object.entries(series?.guestHitRatio ?? {}).sort(([a], [b]) =>
    a.localeCompare(b, 'en', { numeric: true }),
  )
  return guests.map(([guest, values], index) => ({
    key: `guest ${guest}`,
    label: guest,
    color: lineColors[index % lineColors.length] ?? 'var(--q-line-1)',
    values,
  }))
}
