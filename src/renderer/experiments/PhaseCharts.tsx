// Time charts of each host over the experiment, with a strip of its phases under each.
import { useMemo } from 'react'
import type { ExperimentHost, MetricName, Series, ShownExperiment } from '../../shared/contract/index.ts'
import type { ChartLayer } from '../charts/chart-rows.ts'
import { TimeChart } from '../charts/TimeChart.tsx'
import { lineColors, quantityOf } from '../design/quantities.ts'
import { useSeries } from '../history/use-series.ts'
import { useFleet } from '../store/use-fleet.ts'
import { useNow } from '../ui/use-now.ts'
import classes from './experiments.module.css'
import { PhaseStrip } from './PhaseStrip.tsx'

const marginMs = 15_000
const renewedEveryMs = 10_000
const cacheMetrics: readonly MetricName[] = ['imageCacheBytes', 'mergedBytes']

export function PhaseCharts({ shown }: { readonly shown: ShownExperiment }) {
  const known = useFleet(({ hosts }) => hosts)
  const hosts = shown.hosts.filter(({ hostId }) => known?.some(({ host }) => host.id === hostId))
  return hosts.map((host) => <HostPhaseCharts key={host.hostId} shown={shown} host={host} />)
}

function HostPhaseCharts({
  shown,
  host,
}: {
  readonly shown: ShownExperiment
  readonly host: ExperimentHost
}) {
  const now = useNow()
  // The clock may have been set back.
  const end = Math.max(shown.startedAt, shown.endedAt ?? now)
  // Each change of the range asks for the series again.
  const to = Math.ceil((end + marginMs) / renewedEveryMs) * renewedEveryMs
  const choice = useMemo(() => ({ from: shown.startedAt - marginMs, to }), [shown.startedAt, to])
  const { series, range } = useSeries(host.hostId, choice)
  const chart = { at: series?.at, range, syncId: shown.id, empty: 'No samples of this time are kept.' }
  const strip = <PhaseStrip phases={host.phases} arms={shown.plan.arms} range={range} now={now} />
  return (
    <div className={classes.columns}>
      <div className={classes.chart}>
        <TimeChart
          {...chart}
          title={`Hit ratio on ${host.name}`}
          unit="ratio"
          layers={guestLayers(series)}
          testId="chart-experiment-hits"
        />
        {strip}
      </div>
      <div className={classes.chart}>
        <TimeChart
          {...chart}
          title={`Image cache and merged on ${host.name}`}
          unit="bytes"
          layers={layersOf(series)}
          testId="chart-experiment-cache"
        />
        {strip}
      </div>
    </div>
  )
}

function layersOf(series: Series | undefined): ChartLayer[] {
  return cacheMetrics.map((name, position) => ({
    key: name,
    ...quantityOf(name, position),
    values: series?.metrics[name] ?? [],
  }))
}

function guestLayers(series: Series | undefined): ChartLayer[] {
  return Object.entries(series?.guestHitRatio ?? {}).map(([guest, values], index) => ({
    key: `guest ${guest}`,
    label: guest,
    color: lineColors[index % lineColors.length] ?? 'var(--q-line-1)',
    values,
  }))
}
