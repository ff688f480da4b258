import { useMemo } from 'react'
import { type HostView, shownTime } from '../../shared/contract/index.ts'
import { figureErrors } from '../../shared/figures/figure-errors.ts'
import { formatBytes } from '../../shared/units.ts'
import { GuestNames } from '../guests/GuestNames.tsx'
import { linkTo } from '../model/route.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { Figure, notReported } from '../ui/Figure.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import { Reasons } from '../ui/Reasons.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import { type ImageRow, imageRows } from './image-rows.ts'

interface LinkedRow extends ImageRow {
  readonly hostId: string
  readonly link: string
}

const columns: readonly TableColumn<LinkedRow>[] = [
  {
    id: 'path',
    title: 'Image',
    sortBy: ({ label }) => label,
    cell: ({ label, link }) => (
      <a className="path" href={link}>
        {label}
      </a>
    ),
  },
  {
    id: 'format',
    title: 'Format',
    width: '7%',
    sortBy: ({ assessed }) => assessed?.format,
    cell: ({ assessed }) => assessed?.format,
  },
  {
    id: 'guests',
    title: 'Guests',
    width: '13%',
    sortBy: ({ guests }) => guests.join(' '),
    cell: ({ guests, hostId }) => <GuestNames hostId={hostId} names={guests} />,
  },
  {
    id: 'cache',
    title: 'Cache mode',
    width: '9%',
    about: 'From the open flags of QEMU’s descriptor: direct bypasses the page cache.',
    sortBy: ({ assessed }) => assessed?.cacheMode,
    cell: ({ assessed }) => assessed?.cacheMode,
  },
  {
    id: 'resident',
    title: 'Resident now',
    width: '9.5%',
    about: `Bytes of the image in the host’s page cache in the last sample. ${figureErrors.sample}`,
    numeric: true,
    sortBy: ({ sampled, assessed }) => sampled?.residentBytes ?? assessed?.residentBytes,
    cell: ({ sampled, assessed }) => (
      <Figure value={sampled?.residentBytes ?? assessed?.residentBytes} unit="bytes" absent="not sampled" />
    ),
  },
  {
    id: 'dirty',
    title: 'Dirty',
    width: '7%',
    about: `Waiting to be written; never evicted. ${figureErrors.sample}`,
    numeric: true,
    sortBy: ({ sampled, assessed }) => sampled?.dirtyBytes ?? assessed?.dirtyBytes,
    cell: ({ sampled, assessed }) => (
      <Figure
        value={sampled?.dirtyBytes ?? assessed?.dirtyBytes}
        unit="bytes"
        absent={notReported}
        brief="not reported"
      />
    ),
  },
  {
    id: 'double',
    title: 'Double cached',
    width: '9.5%',
    about: `At the last assessment, resident bytes whose content is also held by a guest that has the image open. Below: what only other guests hold. ${figureErrors.content}`,
    numeric: true,
    sortBy: ({ assessed }) => (assessed?.notApplicable ? undefined : assessed?.doubleCachedBytes),
    cell: ({ assessed }) =>
      assessed?.notApplicable ? (
        <span className="missing">not applicable</span>
      ) : (
        <>
          <Figure value={assessed?.doubleCachedBytes} unit="bytes" absent="not assessed" />
          {assessed?.heldByOthersBytes ? (
            <div className="cell-sub">{`${formatBytes(assessed.heldByOthersBytes)} of other guests`}</div>
          ) : null}
        </>
      ),
  },
  {
    id: 'why',
    title: 'Why not more',
    width: '19%',
    cell: ({ assessed }) => (
      <Reasons
        reasons={[...(assessed?.notApplicable ? [assessed.notApplicable] : []), ...(assessed?.why ?? [])]}
      />
    ),
  },
]

export function ImageTable({ view }: { readonly view: HostView }) {
  const rows = useMemo<LinkedRow[]>(() => {
    const hostId = view.host.id
    return imageRows(view).map((row) => ({
      ...row,
      hostId,
      link: linkTo('image', { hostId, item: row.key }),
    }))
  }, [view])
  const note = view.assessment ? `assessed ${formatMoment(shownTime(view.assessment))}` : 'not assessed yet'
  return (
    <Panel title="Images" note={note} flush testId="images">
      <DataTable
        label="Images"
        rows={rows}
        columns={columns}
        fixed
        rowKey={({ key }) => key}
        initialSort={{ id: 'path', desc: false }}
        empty={view.latest ? 'No guest has a disk image that the host caches.' : 'No sample yet.'}
      />
    </Panel>
  )
}
