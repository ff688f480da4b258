import { useMemo } from 'react'
import type { AssessedGuest, HostView } from '../../shared/contract/index.ts'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { Figure } from '../ui/Figure.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import { Reasons } from '../ui/Reasons.tsx'
import { type GuestRow, guestRows } from './guest-rows.ts'

type BytesKey = {
  [K in keyof AssessedGuest]: AssessedGuest[K] extends number ? K : never
}[keyof AssessedGuest]

function assessedColumn(id: BytesKey, title: string, about: string): TableColumn<GuestRow> {
  return {
    id,
    title,
    about,
    numeric: true,
    sortBy: ({ assessed }) => assessed?.[id],
    cell: ({ assessed }) => <Figure value={assessed?.[id]} unit="bytes" absent="not assessed" compact />,
  }
}

const columns: readonly TableColumn<GuestRow>[] = [
  {
    id: 'name',
    title: 'Guest',
    sortBy: ({ name }) => name,
    cell: ({ name, pid, sampled }) => (
      <>
        <div className="cell-main">{name}</div>
        <div className="cell-sub">{sampled ? `pid ${pid}` : `pid ${pid}, ended`}</div>
      </>
    ),
  },
  assessedColumn('ramBytes', 'RAM', 'Size of the guest’s RAM.'),
  {
    id: 'rss',
    title: 'Resident now',
    about: 'Resident memory of its QEMU process (RSS) in the last sample.',
    numeric: true,
    sortBy: ({ sampled }) => sampled?.rssBytes,
    cell: ({ sampled }) => <Figure value={sampled?.rssBytes} unit="bytes" absent="has ended" compact />,
  },
  assessedColumn('zeroBytes', 'Zero', 'Present pages that hold only zeros.'),
  assessedColumn(
    'identicalBytes',
    'Identical',
    'Pages whose content occurs elsewhere in the scanned guests.',
  ),
  assessedColumn(
    'mergeableBytes',
    'Mergeable',
    'What KSM would free: per content, distinct frames less one.',
  ),
  assessedColumn('mergedBytes', 'Merged', 'Saved by KSM at the assessment; sums to the host’s saving.'),
  assessedColumn(
    'doubleCachedBytes',
    'Double cached',
    'Guest pages whose content is in the host’s page cache too.',
  ),
  {
    id: 'why',
    title: 'Why not more',
    cell: ({ assessed }) => <Reasons reasons={assessed?.why ?? []} />,
  },
]

export function GuestTable({ view }: { readonly view: HostView }) {
  const rows = useMemo(() => guestRows(view), [view])
  const note = view.assessment ? `assessed ${formatMoment(view.assessment.at)}` : 'not assessed yet'
  return (
    <Panel title="Guests" note={note} flush testId="guests">
      <DataTable
        label="Guests"
        rows={rows}
        columns={columns}
        rowKey={({ pid }) => String(pid)}
        initialSort={{ id: 'name', desc: false }}
        empty={view.latest ? 'No guest runs on this host.' : 'No sample yet.'}
      />
    </Panel>
  )
}
