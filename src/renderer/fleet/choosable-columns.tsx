// The columns of the fleet that can be chosen: what each shows, means and is sorted by.
import { Tooltip } from '@mantine/core'
import { aboutMetric, type HostView } from '../../shared/contract/index.ts'
import { figureErrors } from '../../shared/figure-errors.ts'
import { formatBytes } from '../../shared/units.ts'
import { imageCacheOf } from '../model/fleet-figures.ts'
import { Figure, notReported } from '../ui/Figure.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import type { FleetColumnId } from './fleet-column-ids.ts'
import { MemoryCell } from './MemoryCell.tsx'
import { Sparkline } from './Sparkline.tsx'

interface Choosable extends Omit<TableColumn<HostView>, 'id'> {
  /** Its name in the list of columns, where the head is too short. */
  readonly choice?: string
}

interface FigureColumn {
  readonly title: string
  readonly about: string
  readonly width?: string
  readonly unit?: 'bytes' | 'ratio' | 'perSecond'
  readonly absent: string
  readonly read: (view: HostView) => number | undefined
}

function figureColumn({
  title,
  about,
  width = '8.5%',
  unit = 'bytes',
  absent,
  read,
}: FigureColumn): Choosable {
  return {
    title,
    about,
    width,
    numeric: true,
    sortBy: read,
    cell: (view) => <Figure value={read(view)} unit={unit} absent={absent} compact />,
  }
}

const noSample = 'no sample yet'
const notAssessed = 'not assessed'

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
  pressure: figureColumn({
    title: 'Pressure',
    about: aboutMetric('memorySomePressureRatio'),
    unit: 'ratio',
    absent: notReported,
    read: ({ latest }) => latest?.gauges.memorySomePressureRatio,
  }),
  guests: {
    title: 'Guests',
    width: '6%',
    about: 'Guests that run, in the last sample.',
    numeric: true,
    sortBy: ({ latest }) => latest?.guests.length,
    cell: ({ latest }) => latest?.guests.length ?? <span className="missing">{noSample}</span>,
  },
  reclaimable: {
    ...figureColumn({
      title: 'Reclaimable',
      width: '9.5%',
      about: `Mergeable + double cached at the last assessment or scrub. ${figureErrors.content}`,
      absent: notAssessed,
      read: (view) => view.reclaimableBytes,
    }),
    cell: (view) => <Figure value={view.reclaimableBytes} unit="bytes" absent={notAssessed} />,
  },
  reclaimed: figureColumn({
    title: 'Reclaimed',
    width: '9%',
    about: `Merged by KSM now + evicted by scrubs and not read again since. ${figureErrors.sample}`,
    absent: 'not known yet',
    read: (view) => view.reclaimedBytes,
  }),
  mergeable: figureColumn({
    title: 'Mergeable',
    about: `What KSM would free, at the last assessment. ${figureErrors.content}`,
    absent: notAssessed,
    read: ({ assessment }) => assessment?.totals.mergeableBytes,
  }),
  merged: figureColumn({
    title: 'Merged',
    about: aboutMetric('mergedBytes'),
    absent: notReported,
    read: ({ latest }) => latest?.ksm?.mergedBytes,
  }),
  'double-cached': figureColumn({
    title: 'Double cached',
    width: '9.5%',
    about: aboutMetric('doubleCachedBytes'),
    absent: notAssessed,
    read: (view) => view.doubleCachedBytes,
  }),
  'image-cache': figureColumn({
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
  reads: figureColumn({
    title: 'Reads',
    about: aboutMetric('guestReadsPerSecond'),
    unit: 'perSecond',
    absent: 'no guest’s monitor answers',
    read: readsOf,
  }),
  swap: figureColumn({
    title: 'Swap',
    about: aboutMetric('swapUsedBytes'),
    absent: notReported,
    read: ({ latest }) => latest?.gauges.swapUsedBytes,
  }),
  policy: {
    title: 'Policy',
    width: '13%',
    about: 'The policy that runs there, as far as this session knows.',
    sortBy: ({ policy }) => policy && `${policy.scrub} ${policy.ksm}`,
    cell: ({ policy }) =>
      policy ? (
        <span className="cell-sub">{`scrub ${policy.scrub}, KSM ${policy.ksm}, ${policy.mode} mode`}</span>
      ) : (
        <span className="missing">none</span>
      ),
  },
  cpu: figureColumn({
    title: 'CPU cost',
    width: '7.5%',
    about: `Helper + ksmd over the last minute, of one core. ${figureErrors.recentCpu}`,
    unit: 'ratio',
    absent: 'less than a minute of samples',
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

function HitRatio({ view }: { readonly view: HostView }) {
  const { hitRatio, readAheadBytes, latest } = view
  const absent = latest ? 'no reads in the last minute' : 'no sample yet'
  const figure = <Figure value={hitRatio} unit="ratio" absent={absent} compact />
  if (readAheadBytes === undefined) return figure
  return (
    <Tooltip
      label={`The kernel fetched ${formatBytes(readAheadBytes)} more than guests asked for (read-ahead).`}
    >
      <span>{figure}*</span>
    </Tooltip>
  )
}
