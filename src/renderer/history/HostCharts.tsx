// The charts of a host page: memory, image cache, KSM and hit ratio over one range.

import { SegmentedControl } from '@mantine/core'
import { useMemo } from 'react'
import type { MetricName, Series } from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import type { ChartLayer } from '../charts/chart-rows.ts'
import { TimeChart } from '../charts/TimeChart.tsx'
import { lineColors, quantityOf } from '../design/quantities.ts'
import { formatMoment } from '../ui/moments.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import { type HostChart, hitChart, latencyChart, lineCharts, memoryChart, readsChart } from './host-charts.ts'
import { type Range, type RangeId, rangeOf, ranges, shownRange } from './ranges.ts'
import { useSeries } from './use-series.ts'

interface HostChartsProps {
  readonly hostId: string
  readonly rangeId: RangeId
}

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
  const shown = shownRange(range, series?.at)
  const shared = { series, range: shown, syncId: hostId }
  const note = shown.from > range.from && `measured since ${formatMoment(series?.at[0] ?? shown.from)}`
  return (
    <>
      {problem && <ProblemNotice problem={problem} attempt="Read the history" />}
      <OneChart {...shared} chart={{ ...memoryChart, ...withValue({ note: note || undefined }) }} stacked />
      <div className="grid-2">
        {lineCharts.map((chart) => (
          <OneChart key={chart.id} {...shared} chart={chart} />
        ))}
      </div>
    </>
  )
}

interface OneChartProps {
  readonly chart: HostChart
  readonly series: Series | undefined
  readonly range: Range
  readonly syncId: string
  readonly stacked?: boolean
}

const none = 'No samples in this range.'

function OneChart({ chart, series, ...plot }: OneChartProps) {
  const { id, title, note, unit, metrics, empty = none } = chart
  const layers = useMemo(
    () => [...layersOf(series, metrics), ...guestLayers(ofGuests(id, series))],
    [id, series, metrics],
  )
  return (
    <TimeChart
      {...plot}
      title={title}
      {...withValue({ note })}
      unit={unit}
      at={series?.at}
      layers={layers}
      empty={series?.at.length === 0 ? none : empty}
      testId={`chart-${id}`}
    />
  )
}

function layersOf(series: Series | undefined, names: readonly MetricName[]): ChartLayer[] {
  return names.map((name, position) => ({
    key: name,
    ...quantityOf(name, position),
    values: series?.metrics[name] ?? [],
  }))
}

/** What a chart shows of each guest; most charts show the host alone. */
function ofGuests(chart: string, series: Series | undefined): Series['guestHitRatio'] | undefined {
  if (chart === hitChart.id) return series?.guestHitRatio
  if (chart === readsChart.id) return series?.guestReadsPerSecond
  return chart === latencyChart.id ? series?.guestReadLatencySeconds : undefined
}

function guestLayers(values: Series['guestHitRatio'] = {}): ChartLayer[] {
  const guests = Object.entries(values).sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  return guests.map(([guest, values], index) => ({
    key: `guest ${guest}`,
    label: guest,
    color: lineColors[index % lineColors.length] ?? 'var(--q-line-1)',
    values,
  }))
}
