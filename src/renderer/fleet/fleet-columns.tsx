// The columns of the fleet table.
import { IconDots } from '@tabler/icons-react'
import { memo } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { urgencyOf } from '../model/attention.ts'
import type { FleetFigures, Total } from '../model/fleet-figures.ts'
import { hostLink } from '../model/route.ts'
import { SameMachine } from '../ui/SameMachine.tsx'
import { StateBadge } from '../ui/StateBadge.tsx'
import { Tags } from '../ui/Tags.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import tag from '../ui/tag.module.css'
import { choosable } from './choosable-columns.tsx'
import type { FleetColumnId } from './fleet-column-ids.ts'
import classes from './fleet-columns.module.css'

export interface FleetColumnParts {
  readonly selected: ReadonlySet<string>
  readonly onSelect: (hostId: string) => void
  readonly onMenu: (hostId: string, at: DOMRect) => void
  readonly chosen: readonly FleetColumnId[]
}

/** What a column shows where its name is read. */
export function titleOfColumn(id: FleetColumnId): string {
  return choosable[id].choice ?? choosable[id].title
}

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

export function fleetColumns({ chosen, onMenu }: FleetColumnParts): TableColumn<HostView>[] {
  return [
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
      about: 'Sorted by what needs you first: trouble, then warnings, then what could be won.',
      sortBy: (view) => urgencyOf(view),
      cell: (view) => <StateBadge view={view} />,
    },
    ...chosen.map((id) => ({ id, ...choosable[id] })),
    {
      id: 'menu',
      title: '',
      width: 48,
      cell: ({ host }) => <MenuCell hostId={host.id} name={host.name} onMenu={onMenu} />,
    },
  ]
}

interface SelectParts extends Pick<FleetColumnParts, 'selected' | 'onSelect'> {
  readonly areAll: boolean
  readonly onSelectAll: () => void
}

export function selectColumn({
  selected,
  onSelect,
  areAll,
  onSelectAll,
}: SelectParts): TableColumn<HostView> {
  return {
    id: 'select',
    title: '',
    width: 46,
    head: (
      <input
        type="checkbox"
        className={classes.rowCheck}
        aria-label="Select all hosts that are shown"
        checked={areAll}
        onChange={onSelectAll}
      />
    ),
    cell: ({ host }) => (
      <SelectCell hostId={host.id} name={host.name} checked={selected.has(host.id)} onSelect={onSelect} />
    ),
  }
}

const maxTags = 2

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
        <Tags tags={tags} most={maxTags} />
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
