// The columns of the fleet table.
import { ActionIcon, Checkbox, Menu, Tooltip } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { memo } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { describeState } from '../host/host-state.ts'
import { SameMachine } from '../host/SameMachine.tsx'
import { StateBadge } from '../host/StateBadge.tsx'
import { useStore } from '../store/use-fleet.ts'
import { Figure } from '../ui/Figure.tsx'
import { Tags } from '../ui/Tags.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import type { FleetFigures, Total } from './fleet-figures.ts'
import { MemoryCell } from './MemoryCell.tsx'
import { Sparkline } from './Sparkline.tsx'

export interface FleetColumnParts {
  readonly selected: ReadonlySet<string>
  readonly onSelect: (hostId: string) => void
  readonly onEdit: (view: HostView) => void
  readonly onRemove: (view: HostView) => void
  readonly onToggleConnection: (view: HostView) => void
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
    about: 'Merged by KSM now + evicted by scrubs and not come back.',
    numeric: true,
    sortBy: (view) => view.reclaimedBytes,
    cell: (view) => <Figure value={view.reclaimedBytes} unit="bytes" absent="nothing yet known" compact />,
  },
  {
    id: 'hit-ratio',
    title: 'Hit ratio',
    width: '7.5%',
    about:
      'Of the guests’ reads, what the host’s page cache answered: 1 − fetched / asked, over the last minute.',
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
    cell: (view) => <Figure value={view.cpuRatio} unit="ratio" absent="no minute of samples yet" compact />,
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
      cell: ({ host, connection }) => (
        <RowMenu
          hostId={host.id}
          name={host.name}
          wanted={connection.state !== 'disconnected'}
          parts={parts}
        />
      ),
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
    <div style={{ maxWidth: 300 }}>
      <div className="cell-main clip">{name}</div>
      <div className="cell-sub" style={{ display: 'flex', gap: 4, alignItems: 'center', overflow: 'hidden' }}>
        {address !== name && <span className="clip">{address}</span>}
        <SameMachine hostId={view.host.id} />
        {mode === 'change' && (
          <span className="tag" data-tone="warn">
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

const SelectCell = memo(function SelectCell({ hostId, name, checked, onSelect }: SelectCellProps) {
  return (
    <Checkbox
      size="xs"
      aria-label={`Select ${name}`}
      checked={checked}
      onChange={() => onSelect(hostId)}
      onClick={(event) => event.stopPropagation()}
    />
  )
})

interface RowMenuProps {
  readonly hostId: string
  readonly name: string
  readonly wanted: boolean
  readonly parts: FleetColumnParts
}

/** The dearest cell of a row, and one that samples do not change: drawn again only when its own words change. */
const RowMenu = memo(function RowMenu({ hostId, name, wanted, parts }: RowMenuProps) {
  const store = useStore()
  const act = (on: (view: HostView) => void) => {
    const view = store.find(hostId)
    if (view) on(view)
  }
  return (
    // The row opens the host; the menu must not.
    // biome-ignore lint/a11y/useKeyWithClickEvents: only stops clicks on the menu from reaching the row.
    // biome-ignore lint/a11y/noStaticElementInteractions: likewise.
    <div onClick={(event) => event.stopPropagation()}>
      <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`More for ${name}`}>
            <IconDots size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => act(parts.onToggleConnection)}>
            {wanted ? 'Disconnect' : 'Connect'}
          </Menu.Item>
          <Menu.Item onClick={() => act(parts.onEdit)}>Edit name and tags…</Menu.Item>
          <Menu.Item color="red" onClick={() => act(parts.onRemove)}>
            Remove…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  )
})
