// The columns of the fleet that can be chosen: what each shows, means and is sorted by.
import { aboutMetric, type HostView } from '../../shared/contract/index.ts'
import { figureErrors } from '../../shared/figures/figure-errors.ts'
import { formatBytes } from '../../shared/units.ts'
import { guestCpuOf, imageCacheOf } from '../model/fleet-figures.ts'
import { Figure, type FigureProps, Missing, notReported } from '../ui/Figure.tsx'
import { notConnectedSince } from '../ui/not-connected.ts'
import type { TableColumn } from '../ui/table-column.ts'
import type { FleetColumnId } from './fleet-column-ids.ts'
import { MemoryCell } from './MemoryCell.tsx'
import { SampledFigure } from './SampledFigure.tsx'
import { Sparkline } from './Sparkline.tsx'

interface Choosable extends Omit<TableColumn<HostView>, 'id'> {
  /** Its name in the list of columns, where the head is too short. */
  readonly choice?: string
}

interface FigureColumn {
  readonly title: string
  readonly about: string
  readonly width?: string
  readonly unit?: FigureProps['unit']
  readonly absent: string
  readonly brief?: string
  readonly read: (view: HostView) => number | undefined
}

const narrow = '8.5%'

/** A figure of the last sample. */
function sampledColumn({
  title,
  about,
  width = narrow,
  read,
  unit = 'bytes',
  ...why
}: FigureColumn): Choosable {
  return {
    title,
    about,
    width,
    numeric: true,
    sortBy: read,
    cell: (view) => <SampledFigure view={view} value={read(view)} unit={unit} {...why} />,
  }
}

/** A figure of the last assessment or scrub, which stays what it is while the host is not connected. */
function assessedColumn({ title, about, width = narrow, read }: Omit<FigureColumn, 'absent'>): Choosable {
  return {
    title,
    about,
    width,
    numeric: true,
    sortBy: read,
    cell: (view) => <Figure value={read(view)} unit="bytes" absent="not assessed" />,
  }
}

const noSample = 'no sample yet'

function readsOf({ latest }: HostView): number | undefined {
  const reads = latest?.guests.flatMap(({ diskReads }) => diskReads?.readsPerSecond ?? []) ?? []
  return reads.length === 0 ? undefined : reads.reduce((sum, one) => sum + one, 0)
}

export const choosable: Readonly<Record<FleetColumnId, Choosable>> = {
  memory: {
    title: 'Memory',
    width: '18%',
    about: 'Guests, other use and image cache against the host’s memory.',
    sortBy: (view) => view.latest?.memory.availableBytes,
    cell: (view) => <MemoryCell view={view} />,
  },
  pressure: sampledColumn({
    title: 'Pressure',
    about: aboutMetric('memorySomePressureRatio'),
    unit: 'ratio',
    absent: notReported,
    brief: 'not reported',
    read: ({ latest }) => latest?.gauges.memorySomePressureRatio,
  }),
  guests: sampledColumn({
    title: 'Guests',
    width: '6%',
    about: 'Guests that run, in the last sample.',
    unit: 'count',
    absent: noSample,
    read: ({ latest }) => latest?.guests.length,
  }),
  reclaimable: assessedColumn({
    title: 'Reclaimable',
    width: '9.5%',
    about: `Mergeable + double cached at the last assessment or scrub. ${figureErrors.content}`,
    read: (view) => view.reclaimableBytes,
  }),
  reclaimed: sampledColumn({
    title: 'Reclaimed',
    width: '9%',
    about: `Merged by KSM now + evicted by scrubs and not read again since. ${figureErrors.sample}`,
    absent: 'not known yet',
    read: (view) => view.reclaimedBytes,
  }),
  mergeable: assessedColumn({
    title: 'Mergeable',
    about: `What KSM would free, at the last assessment. ${figureErrors.content}`,
    read: ({ assessment }) => assessment?.totals.mergeableBytes,
  }),
  merged: sampledColumn({
    title: 'Merged',
    about: aboutMetric('mergedBytes'),
    absent: notReported,
    brief: 'not reported',
    read: ({ latest }) => latest?.ksm?.mergedBytes,
  }),
  'double-cached': assessedColumn({
    title: 'Double cached',
    width: '9.5%',
    about: aboutMetric('doubleCachedBytes'),
    read: (view) => view.doubleCachedBytes,
  }),
  'image-cache': sampledColumn({
    title: 'Image cache',
    about: aboutMetric('imageCacheBytes'),
    absent: noSample,
    read: imageCacheOf,
  }),
  'hit-ratio': {
    title: 'Hit ratio',
    width: '7.5%',
    about: `Share of the guests’ reads that the host’s page cache answered: 1 − fetched / asked, over the last minute. ${figureErrors.hitRatio}`,
    numeric: true,
    sortBy: (view) => view.hitRatio,
    cell: (view) => <HitRatio view={view} />,
  },
  reads: sampledColumn({
    title: 'Reads',
    about: aboutMetric('guestReadsPerSecond'),
    unit: 'perSecond',
    absent: 'no guest’s monitor answers',
    brief: 'no answer',
    read: readsOf,
  }),
  'guest-cpu': sampledColumn({
    title: 'Guests’ CPU',
    about: aboutMetric('guestCpuRatio'),
    unit: 'ratio',
    absent: 'no two samples yet',
    brief: 'not known',
    read: guestCpuOf,
  }),
  swap: sampledColumn({
    title: 'Swap',
    about: aboutMetric('swapUsedBytes'),
    absent: notReported,
    brief: 'not reported',
    read: ({ latest }) => latest?.gauges.swapUsedBytes,
  }),
  policy: {
    title: 'Policy',
    width: '13%',
    about: 'The policy that runs there, as far as this session knows.',
    sortBy: ({ policy }) => policy && `${policy.scrub} ${policy.ksm}`,
    cell: (view) => <PolicyCell view={view} />,
  },
  cpu: sampledColumn({
    title: 'CPU cost',
    width: '7.5%',
    about: `Helper + ksmd over the last minute, of one core. ${figureErrors.recentCpu}`,
    unit: 'ratio',
    absent: 'no two samples yet, or ksmd is hidden from this user',
    brief: 'not known',
    read: (view) => view.cpuRatio,
  }),
  sparkline: {
    title: '30 min',
    choice: 'Memory, last 30 min',
    width: '10.5%',
    about: 'Guest RAM + image cache over the last 30 minutes.',
    cell: (view) => (
      <Sparkline values={view.sparkline} label={`Memory of ${view.host.name}, last 30 minutes`} />
    ),
  },
}

function PolicyCell({ view }: { readonly view: HostView }) {
  const { policy } = view
  const lost = notConnectedSince(view)
  if (policy)
    return <span className="cell-sub">{`scrub ${policy.scrub}, KSM ${policy.ksm}, ${policy.mode} mode`}</span>
  return lost === undefined ? <Missing reason="none" /> : <Missing reason={lost} brief="not known" />
}

function HitRatio({ view }: { readonly view: HostView }) {
  const { hitRatio, readAheadBytes, latest } = view
  const why = latest ? { absent: 'no reads in the last minute', brief: 'no reads' } : { absent: noSample }
  const figure = <SampledFigure view={view} value={hitRatio} unit="ratio" {...why} />
  if (readAheadBytes === undefined) return figure
  return (
    <span
      data-hint={`The kernel fetched ${formatBytes(readAheadBytes)} more than guests asked for (read-ahead).`}
    >
      {figure}*
    </span>
  )
}
