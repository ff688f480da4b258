import { Checkbox } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { DataTable } from '../ui/DataTable.tsx'
import panel from '../ui/panel.module.css'
import { Tags } from '../ui/Tags.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import classes from './ImportTable.module.css'
import { canPick, type ImportRow } from './import-rows.ts'

interface ImportTableProps {
  readonly rows: readonly ImportRow[]
  /** Keys of the rows that are not to be added. */
  readonly left: ReadonlySet<string>
  readonly onLeft: (left: ReadonlySet<string>) => void
}

export function ImportTable({ rows, left, onLeft }: ImportTableProps) {
  const pickable = rows.filter(canPick)
  const all = pickable.length > 0 && pickable.every(({ key }) => !left.has(key))
  const some = pickable.some(({ key }) => !left.has(key))
  const toggle = (key: string) =>
    onLeft(new Set(left.has(key) ? [...left].filter((other) => other !== key) : [...left, key]))
  const pick: TableColumn<ImportRow> = {
    id: 'pick',
    title: '',
    width: 46,
    head: (
      <Checkbox
        size="xs"
        aria-label="Add all"
        checked={all}
        indeterminate={some && !all}
        disabled={pickable.length === 0}
        onChange={() => onLeft(new Set(all ? pickable.map(({ key }) => key) : []))}
      />
    ),
    cell: (row) => (
      <Checkbox
        size="xs"
        aria-label={`Add ${row.name}`}
        disabled={!canPick(row)}
        checked={canPick(row) && !left.has(row.key)}
        onChange={() => toggle(row.key)}
      />
    ),
  }
  return (
    <div className={`${panel.tableWrap} ${classes.list}`}>
      <DataTable
        label="Hosts found"
        testId="import-preview"
        rows={rows}
        columns={[pick, ...columns]}
        fixed
        rowKey={({ key }) => key}
      />
    </div>
  )
}

const columns: readonly TableColumn<ImportRow>[] = [
  {
    id: 'line',
    title: 'Line',
    width: '5.5%',
    numeric: true,
    sortBy: ({ line }) => line,
    cell: ({ line }) => <span className="cell-sub">{line}</span>,
  },
  {
    id: 'name',
    title: 'Name',
    width: '13%',
    sortBy: ({ name }) => name,
    cell: ({ name }) => (
      <div className="cell-main clip" title={name}>
        {name}
      </div>
    ),
  },
  {
    id: 'address',
    title: 'Address',
    about: 'The address to be saved.',
    sortBy: ({ address }) => address,
    cell: ({ address }) => <span className="path">{address}</span>,
  },
  {
    id: 'user',
    title: 'User',
    width: '7%',
    about: 'From the address, from ~/.ssh/config, or your own name.',
    sortBy: ({ route }) => route?.user,
    cell: ({ route }) => route?.user,
  },
  {
    id: 'host',
    title: 'Host',
    width: '14%',
    about: 'HostName by ~/.ssh/config.',
    sortBy: ({ route }) => route?.hostName,
    cell: ({ route }) => <span className="path">{route?.hostName}</span>,
  },
  {
    id: 'port',
    title: 'Port',
    width: '7%',
    numeric: true,
    sortBy: ({ route }) => route?.port,
    cell: ({ route }) => route?.port,
  },
  {
    id: 'jump',
    title: 'Jump',
    width: '8%',
    about: 'ProxyJump by ~/.ssh/config.',
    cell: ({ route }) => (route && route.jumps.length > 0 ? route.jumps.join(' → ') : undefined),
  },
  {
    id: 'tags',
    title: 'Tags',
    width: '11%',
    cell: ({ tags }) => (
      <span className={classes.tags}>
        <Tags tags={tags} most={3} />
      </span>
    ),
  },
  { id: 'state', title: 'Note', width: '15%', cell: (row) => <RowNote row={row} /> },
]

function RowNote({ row }: { readonly row: ImportRow }) {
  return (
    <div className={classes.notes}>
      {row.savedAs !== undefined && <div>already saved as {row.savedAs}</div>}
      {row.problems.map((text) => (
        <div key={text} className={classes.note}>
          <IconAlertTriangle size={13} aria-label="Note" className={classes.noteIcon} />
          {text}
        </div>
      ))}
    </div>
  )
}
