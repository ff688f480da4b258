// The columns of the table of guests.
import type { AssessedGuest } from '../../shared/contract/index.ts'
import { figureErrors } from '../../shared/figures/figure-errors.ts'
import { describePluggable } from '../../shared/text/ram-text.ts'
import { formatLatency, formatRatio } from '../../shared/units.ts'
import { Figure } from '../ui/Figure.tsx'
import { Reasons } from '../ui/Reasons.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import { type GuestRow, whatOfIoPressure, whyNoCpu, whyNoReads } from './guest-rows.ts'
import { MergingCell } from './MergingCell.tsx'
import type { MergeSwitch } from './merge-switch.ts'

export interface MergingParts {
  readonly linkOf: (row: GuestRow) => string
  readonly whyNot: (row: GuestRow) => string | undefined
  /** The guest whose merging is being switched. */
  readonly switching: number | undefined
  readonly onAsk: (asked: MergeSwitch) => void
}

type BytesKey = {
  [K in keyof AssessedGuest]-?: AssessedGuest[K] extends number ? K : never
}[keyof AssessedGuest]

function assessedColumn(id: BytesKey, title: string, width: string, about: string): TableColumn<GuestRow> {
  return {
    id,
    title,
    about,
    width,
    numeric: true,
    sortBy: ({ assessed }) => assessed?.[id],
    cell: ({ assessed }) => <Figure value={assessed?.[id]} unit="bytes" absent="not assessed" />,
  }
}

function nameColumn(linkOf: MergingParts['linkOf']): TableColumn<GuestRow> {
  return {
    id: 'name',
    title: 'Guest',
    sortBy: ({ name }) => name,
    cell: (row) => (
      <>
        <div className="cell-main clip" title={row.name}>
          <a href={linkOf(row)}>{row.name}</a>
        </div>
        <div className="cell-sub">{describeProcess(row)}</div>
      </>
    ),
  }
}

export function describeProcess({ pid, sampled, assessed }: GuestRow): string {
  return [`pid ${pid}`, sampled?.user ?? assessed?.user, ...(sampled ? [] : ['ended'])]
    .filter((part) => part !== undefined)
    .join(', ')
}

const ramColumn: TableColumn<GuestRow> = {
  ...assessedColumn(
    'ramBytes',
    'RAM',
    '6.5%',
    'Size of the guest’s RAM, and the memory that can be plugged in addition.',
  ),
  cell: ({ assessed }) => (
    <>
      <Figure value={assessed?.ramBytes} unit="bytes" absent="not assessed" />
      {assessed?.pluggableBytes === undefined ? null : (
        <div className="cell-sub" data-testid="pluggable">
          {describePluggable(assessed)}
        </div>
      )}
    </>
  ),
}

const figureColumns: readonly TableColumn<GuestRow>[] = [
  ramColumn,
  {
    id: 'rss',
    title: 'Resident now',
    about: `Resident memory of its QEMU process (RSS) in the last sample. ${figureErrors.resident}`,
    width: '9.5%',
    numeric: true,
    sortBy: ({ sampled }) => sampled?.rssBytes,
    cell: ({ sampled }) => <Figure value={sampled?.rssBytes} unit="bytes" absent="has ended" />,
  },
  assessedColumn('zeroBytes', 'Zero', '6.5%', `Present pages that hold only zeros. ${figureErrors.content}`),
  assessedColumn(
    'identicalBytes',
    'Identical',
    '7.5%',
    `Pages whose content occurs elsewhere in the scanned guests. ${figureErrors.content}`,
  ),
  assessedColumn(
    'mergeableBytes',
    'Mergeable',
    '8.5%',
    `What KSM would free: for each content, its distinct frames less one. ${figureErrors.content}`,
  ),
  assessedColumn(
    'mergedBytes',
    'Merged',
    '7%',
    `Saved by KSM at the assessment; the guests’ figures add up to the host’s. ${figureErrors.content}`,
  ),
  assessedColumn(
    'doubleCachedBytes',
    'Double cached',
    '9.5%',
    `Guest pages whose content is also in the host’s page cache. ${figureErrors.content}`,
  ),
]

/** What the figure is, where it comes from and how far off it may be. */
export const aboutCpu = `CPU time of its QEMU process since the sample before, as a share of one core: its vCPUs and QEMU’s own work, from /proc/PID/stat. ${figureErrors.guestCpu}`

const cpuColumn: TableColumn<GuestRow> = {
  id: 'cpu',
  title: 'CPU',
  about: aboutCpu,
  width: '6%',
  numeric: true,
  sortBy: ({ sampled }) => sampled?.cpuRatio,
  cell: ({ sampled }) => (
    <Figure value={sampled?.cpuRatio} unit="ratio" absent={whyNoCpu(sampled)} brief="not known" />
  ),
}

const readsColumn: TableColumn<GuestRow> = {
  id: 'reads',
  title: 'Reads',
  about:
    'Read requests to its disks and their mean time, counted by QEMU over ten seconds; and the share of time in which its control group waits for storage (io.pressure).',
  width: '9%',
  numeric: true,
  sortBy: ({ sampled }) => sampled?.diskReads?.readsPerSecond,
  cell: ({ sampled }) => {
    const { readsPerSecond, readLatencySeconds } = sampled?.diskReads ?? {}
    return (
      <>
        <Figure value={readsPerSecond} unit="perSecond" absent={whyNoReads(sampled)} brief="not known" />
        {readLatencySeconds === undefined ? null : (
          <div className="cell-sub">{formatLatency(readLatencySeconds)}</div>
        )}
        <div className="cell-sub" title={whatOfIoPressure(sampled)}>
          {sampled &&
            `waits ${sampled.ioPressureRatio === undefined ? 'not known' : formatRatio(sampled.ioPressureRatio)}`}
        </div>
      </>
    )
  },
}

/** What a table of guests is about: what their RAM holds and what they read, or what KSM may merge of it. */
export type GuestSubject = 'memory' | 'ksm'

const columnsOf: Readonly<Record<GuestSubject, readonly string[]>> = {
  memory: [
    'name',
    'ramBytes',
    'rss',
    'zeroBytes',
    'identicalBytes',
    'mergeableBytes',
    'doubleCachedBytes',
    'cpu',
    'reads',
    'why',
  ],
  ksm: ['name', 'ramBytes', 'rss', 'identicalBytes', 'mergeableBytes', 'mergedBytes', 'merging', 'why'],
}

export function guestColumns(subject: GuestSubject, parts: MergingParts): TableColumn<GuestRow>[] {
  return allColumns(parts).filter(({ id }) => columnsOf[subject].includes(id))
}

function allColumns({ linkOf, whyNot, switching, onAsk }: MergingParts): TableColumn<GuestRow>[] {
  return [
    nameColumn(linkOf),
    ...figureColumns,
    cpuColumn,
    readsColumn,
    {
      id: 'merging',
      title: 'Merging',
      about: 'Whether KSM may merge its RAM; read every few minutes, and after each switch.',
      width: '10%',
      sortBy: ({ sampled }) => sampled?.merging,
      cell: (row) => (
        <MergingCell row={row} refusal={whyNot(row)} busy={row.pid === switching} onAsk={onAsk} />
      ),
    },
    {
      id: 'why',
      title: 'Why not more',
      width: '15%',
      cell: ({ assessed }) => <Reasons reasons={assessed?.why ?? []} />,
    },
  ]
}
