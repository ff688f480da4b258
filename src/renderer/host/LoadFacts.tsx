// How the host and its guests fare, in one line of figures: reads, waiting, swap, and what merging costs.
import { Tooltip } from '@mantine/core'
import { aboutMetric, type HostView, type Sample } from '../../shared/contract/index.ts'
import { formatBytes, formatLatency, formatPerSecond, formatRatio } from '../../shared/units.ts'
import { guestCpuOf } from '../model/fleet-figures.ts'
import { notReported } from '../ui/Figure.tsx'
import panel from '../ui/panel.module.css'
import classes from './LoadFacts.module.css'

interface LoadFact {
  readonly label: string
  readonly value: string | undefined
  readonly absent: string
  readonly about: string
}

export function LoadFacts({ view }: { readonly view: HostView }) {
  return (
    <section
      className={`${panel.panel} ${classes.facts}`}
      aria-label="Load in figures"
      data-testid="load-facts"
    >
      {factsOf(view).map(({ label, value, absent, about }) => (
        <Tooltip key={label} label={about}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the explanation must be reachable by keyboard. */}
          <span tabIndex={0} className={classes.fact}>
            {label} {value === undefined ? <span className="missing">{absent}</span> : <b>{value}</b>}
          </span>
        </Tooltip>
      ))}
    </section>
  )
}

function factsOf(view: HostView): LoadFact[] {
  const { latest } = view
  const gauges = latest?.gauges ?? {}
  const isConnected = view.connection.state === 'connected'
  const absent = latest ? notReported : isConnected ? 'no sample yet' : 'not connected'
  const reads = readsOf(latest)
  const ratio = (value: number | undefined) => (value === undefined ? undefined : formatRatio(value))
  const cores = (value: number | undefined) => (value === undefined ? undefined : `${value.toFixed(2)} cores`)
  return [
    {
      label: 'Host CPU',
      value: cores(latest?.busyCpuRatio),
      absent: latest?.busyCpuSeconds === undefined ? absent : 'no two samples yet',
      about: aboutMetric('hostCpuRatio'),
    },
    {
      label: 'Guests’ CPU',
      value: cores(guestCpuOf(view)),
      absent: latest ? 'no two samples yet' : absent,
      about: aboutMetric('guestCpuRatio'),
    },
    {
      label: 'Guests’ reads',
      value: reads && formatPerSecond(reads.perSecond),
      absent: latest ? 'no monitor answers' : absent,
      about: aboutMetric('guestReadsPerSecond'),
    },
    {
      label: 'Mean read time',
      value: reads?.latency === undefined ? undefined : formatLatency(reads.latency),
      absent: latest ? 'no read, or not timed' : absent,
      about: `${aboutMetric('guestReadLatencySeconds')} Over the last ten seconds, weighed by reads.`,
    },
    {
      label: 'Waits for memory',
      value: ratio(gauges.memorySomePressureRatio),
      absent,
      about: aboutMetric('memorySomePressureRatio'),
    },
    {
      label: 'Waits for storage',
      value: ratio(gauges.ioSomePressureRatio),
      absent,
      about: aboutMetric('ioSomePressureRatio'),
    },
    {
      label: 'Swap used',
      value: gauges.swapUsedBytes === undefined ? undefined : formatBytes(gauges.swapUsedBytes),
      absent,
      about: aboutMetric('swapUsedBytes'),
    },
    {
      label: 'In huge pages',
      value: gauges.anonHugeBytes === undefined ? undefined : formatBytes(gauges.anonHugeBytes),
      absent,
      about: `${aboutMetric('anonHugeBytes')} The chart on the KSM tab shows what merging cost of them.`,
    },
  ]
}

/** Over the guests whose monitor answers. */
function readsOf(latest: Sample | undefined): { perSecond: number; latency: number | undefined } | undefined {
  const read = latest?.guests.flatMap(({ diskReads }) => diskReads ?? []) ?? []
  const known = read.filter(({ readsPerSecond }) => readsPerSecond !== undefined)
  if (known.length === 0) return undefined
  const perSecond = known.reduce((sum, { readsPerSecond = 0 }) => sum + readsPerSecond, 0)
  const timed = known.filter(({ readLatencySeconds }) => readLatencySeconds !== undefined)
  const weight = timed.reduce((sum, { readsPerSecond = 0 }) => sum + readsPerSecond, 0)
  const spent = timed.reduce(
    (sum, { readsPerSecond = 0, readLatencySeconds = 0 }) => sum + readsPerSecond * readLatencySeconds,
    0,
  )
  return { perSecond, latency: weight === 0 ? undefined : spent / weight }
}
