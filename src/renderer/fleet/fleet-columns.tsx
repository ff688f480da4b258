// The columns of the fleet table.
import { Tooltip } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { memo } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import type { FleetFigures, Total } from '../model/fleet-figures.ts'
import { describeState } from '../model/host-state.ts'
import { hostLink } from '../model/route.ts'
import { Figure } from '../ui/Figure.tsx'
import { SameMachine } from '../ui/SameMachine.tsx'
import { StateBadge } from '../ui/StateBadge.tsx'
import { Tags } from '../ui/Tags.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import tag from '../ui/tag.module.css'
import classes from './fleet-columns.module.css'
import { MemoryCell } from './MemoryCell.tsx'
import { Sparkline } from './Sparkline.tsx'

export interface FleetColumnParts {
  readonly selected: ReadonlySet<string>
  readonly onSelect: (hostId: string) => void
  readonly onMenu: (hostId: string, at: DOMRect) => void
}

const figureColumns: readonly TableColumn<HostView>[] = [
  {
    id: 'reclaimable',
    title: 'Reclaimable',
    width: '9.5%',
    about: 'Mergeable + double cached at the last assessment or scrub.',
    numeric: true,
    sortBy: (view) => view.reclaimableBytes,
    cell: (view) => <Figure value={view.reclaimableBytes} unit="bytes" absent="not assessed" />,
  },
  {
    id: 'reclaimed',
    title: 'Reclaimed',
    width: '9%',
    about: 'Merged by KSM now + evicted by scrubs and not read again since.',
    numeric: true,
    sortBy: (view) => view.reclaimedBytes,
    cell: (view) => <Figure value={view.reclaimedBytes} unit="bytes" absent="not known yet" compact />,
  },
  {
    id: 'hit-ratio',
    title: 'Hit ratio',
    width: '7.5%',
    about:
      'Share of the guests’ reads that the host’s page cache answered: 1 − fetched / asked, over the last minute.',
    numeric: true,
    sortBy: (view) => view.hitRatio,
    cell: (view) => <HitRatio view={view} />,
  },
  {
    id: 'cpu',
    title: 'CPU cost',
    width: '7.5%',
    about: 'Helper + ksmd over the last minute, of one core.',
    numeric: true,
    sortBy: (view) => view.cpuRatio,
    cell: (view) => (
      <Figure value={view.cpuRatio} unit="ratio" absent="less than a minute of samples" compact />
    ),
  },
]

/** Totals under the columns. */
export function fleetFooters(figures: FleetFigures): Readonly<Record<string, string>> {
  const bytesOf = ({ bytes, hosts }: Total) => (hosts === 0 ? '' : formatBytes(bytes))
  return {
    host: figures.hosts === 1 ? 'Total, 1 host' : `Total, ${figures.hosts} hosts`,
    state: `${figures.up} up, ${figures.down} down`,
    memory:
      figures.memory.hosts === 0
        ? ''
        : `${formatBytes(figures.available.bytes)} available of ${formatBytes(figures.memory.bytes)}`,
    reclaimable: bytesOf(figures.reclaimable),
    reclaimed: bytesOf(figures.reclaimed),
  }
}

export function fleetColumns(parts: FleetColumnParts): TableColumn<HostView>[] {
  return [
    {
      id: 'select',
      title: '',
      width: 46,
      cell: ({ host }) => (
        <SelectCell
          hostId={host.id}
          name={host.name}
          checked={parts.selected.has(host.id)}
          onSelect={parts.onSelect}
        />
      ),
    },
    {
      id: 'host',
      title: 'Host',
      sortBy: (view) => view.host.name,
      cell: (view) => <HostCell view={view} />,
    },
    {
      id: 'state',
      title: 'State',
      width: '14%',
      sortBy: (view) => describeState(view).urgency,
      cell: (view) => <StateBadge view={view} />,
    },
    {
      id: 'memory',
      title: 'Memory',
      width: '18%',
      about: 'Guests, other use and image cache against the host’s memory.',
      sortBy: (view) => view.latest?.memory.availableBytes,
      cell: (view) => <MemoryCell view={view} />,
    },
    ...figureColumns,
    {
      id: 'sparkline',
      title: '30 min',
      width: '10.5%',
      about: 'Guest RAM + image cache over the last 30 minutes.',
      cell: (view) => (
        <Sparkline values={view.sparkline} label={`Memory of ${view.host.name}, last 30 minutes`} />
      ),
    },
    {
      id: 'menu',
      title: '',
      width: 48,
      cell: ({ host }) => <MenuCell hostId={host.id} name={host.name} onMenu={parts.onMenu} />,
    },
  ]
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

const mostTags = 2

function HostCell({ view }: { readonly view: HostView }) {
  const { name, address, mode, tags } = view.host
  return (
    <div className={classes.host}>
      <div className="cell-main clip">
        <a href={hostLink(view.host.id)}>{name}</a>
      </div>
      <div className={`cell-sub ${classes.tags}`}>
        {address !== name && <span className="clip">{address}</span>}
        <SameMachine hostId={view.host.id} />
        {mode === 'change' && (
          <span className={tag.tag} data-tone="warn">
            changes allowed
          </span>
        )}
        <Tags tags={tags} most={mostTags} />
      </div>
    </div>
  )
}

interface SelectCellProps {
  readonly hostId: string
  readonly name: string
  readonly checked: boolean
  readonly onSelect: (hostId: string) => void
}

/** The browser's own box and button: these two stand in every row, and are expensive as components. */
const SelectCell = memo(function SelectCell({ hostId, name, checked, onSelect }: SelectCellProps) {
  return (
    <input
      type="checkbox"
      className={classes.rowCheck}
      aria-label={`Select ${name}`}
      checked={checked}
      onChange={() => onSelect(hostId)}
      onClick={(event) => event.stopPropagation()}
    />
  )
})

interface MenuCellProps {
  readonly hostId: string
  readonly name: string
  readonly onMenu: FleetColumnParts['onMenu']
}

const MenuCell = memo(function MenuCell({ hostId, name, onMenu }: MenuCellProps) {
  return (
    <button
      type="button"
      className={classes.rowMenu}
      aria-label={`More for ${name}`}
      aria-haspopup="menu"
      // An open menu would close by it, and the click would open it again.
      onMouseDown={(event) => event.stopPropagation()}
      onClick={(event) => {
        event.stopPropagation()
        onMenu(hostId, event.currentTarget.getBoundingClientRect())
      }}
    >
      <IconDots size={15} aria-hidden />
    </button>
  )
})
