// Charts of a host over one range, which the address of the page holds.
import { Switch } from '@mantine/core'
import { type ReactNode, useMemo } from 'react'
import type { Mark, MetricName, Series } from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import type { ChartLayer } from '../charts/chart-rows.ts'
import { TimeChart } from '../charts/TimeChart.tsx'
import { quantityOf } from '../design/quantities.ts'
import type { Route } from '../model/route.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import { formatMoment } from '../ui/moments.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import { ReadEarlier } from '../ui/ReadEarlier.tsx'
import { useSetting } from '../ui/use-setting.ts'
import { guestLayers, type NamedGuest } from './guest-layers.ts'
import classes from './HostCharts.module.css'
import { type HostChart, type HostChartId, hostCharts } from './host-charts.ts'
import { openChoice, RangeControl, showChoice } from './RangeControl.tsx'
import { baseOf, choiceOf, moderate, type Range, shownRange } from './ranges.ts'
import { useSeries } from './use-series.ts'

interface HostChartsProps {
  readonly route: Route
  readonly charts: readonly HostChartId[]
  /** Of each plot, in pixels. */
  readonly height?: number
  /** Of what is drawn for each guest, this one only. */
  readonly guest?: NamedGuest
  /** All beside each other. */
  readonly inOneRow?: boolean
}

/** Two in a row; of an odd number the first has a row of its own. */
export function HostCharts({ route, charts, height, guest, inOneRow = false }: HostChartsProps) {
  const { hostId, query } = route
  const choice = useMemo(() => choiceOf(query), [query])
  const { series, range, marks, problem, readAt } = useSeries(hostId, choice)
  // The same object while it means the same: another one would draw every plot anew with each sample of the host.
  const shown = useMemo(() => shownRange(range, series?.at), [range, series])
  const [withFree, setWithFree] = useSetting('chart-free')
  const shared = {
    series,
    failed: problem !== undefined && series === undefined,
    range: shown,
    marks,
    syncId: hostId,
    onZoom: (part: Range) => openChoice(route, moderate(part, workbenchNow())),
    onReset: () => showChoice(route, baseOf(query)),
    ...withValue({ height, guest }),
  }
  return (
    <section className={classes.charts} aria-label="Charts">
      <div className={classes.tools}>
        {shown.from > range.from && (
          <span className="panel-note">measured since {formatMoment(series?.at[0] ?? shown.from)}</span>
        )}
        <span className="spacer" />
        <RangeControl route={route} choice={choice} />
      </div>
      {problem && <ProblemNotice problem={problem} attempt="Read the history" />}
      {problem && series && <ReadEarlier at={readAt} />}
      <div
        className={classes.grid}
        data-odd={(!inOneRow && charts.length % 2 === 1) || undefined}
        data-row={inOneRow || undefined}
      >
        {charts.map((id) => (
          <OneChart
            key={id}
            {...shared}
            chart={hostCharts[id]}
            id={id}
            withFree={withFree}
            {...(id === 'memory' && {
              aside: (
                <Switch
                  size="xs"
                  label="With free memory"
                  checked={withFree}
                  onChange={(event) => setWithFree(event.currentTarget.checked)}
                />
              ),
            })}
          />
        ))}
      </div>
    </section>
  )
}

interface OneChartProps {
  readonly id: HostChartId
  readonly chart: HostChart
  readonly series: Series | undefined
  /** It could not be read, and never was. */
  readonly failed: boolean
  readonly range: Range
  readonly syncId: string
  readonly height?: number
  readonly guest?: NamedGuest
  readonly marks: readonly Mark[]
  readonly withFree: boolean
  readonly onZoom: (range: Range) => void
  readonly onReset: () => void
  readonly aside?: ReactNode
}

const none = 'No samples in this range.'
const notRead = 'Not read: see above.'
const noTimes: readonly number[] = []

function OneChart({ id, chart, series, failed, guest, withFree, ...plot }: OneChartProps) {
  const { unit, metrics, ofGuests, stacked = false, notable = 'highest' } = chart
  const { title, note, empty = none } = { ...chart, ...(guest && chart.ofOne) }
  const layers = useMemo(() => {
    const guests = ofGuests === undefined ? [] : guestLayers(series?.[ofGuests], notable, guest)
    const shown = metrics.filter((name) => withFree || name !== 'freeBytes')
    return [...layersOf(series, shown), ...guests]
  }, [ofGuests, notable, series, metrics, guest, withFree])
  return (
    <TimeChart
      {...plot}
      stacked={stacked}
      title={title}
      {...withValue({ note })}
      unit={unit}
      at={failed ? noTimes : series?.at}
      layers={layers}
      empty={failed ? notRead : series?.at.length === 0 ? none : empty}
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
