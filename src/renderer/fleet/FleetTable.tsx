import { useCallback, useMemo, useRef, useState } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import { type FleetFigures, groupsByTag } from '../model/fleet-figures.ts'
import { hostLink, open } from '../model/route.ts'
import { useStore } from '../store/use-fleet.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { later } from '../ui/later.tsx'
import { useAct } from '../ui/use-act.ts'
import { fleetColumns, fleetFooters, selectColumn } from './fleet-columns.tsx'
import type { FleetShown } from './fleet-shown.ts'
import { GroupHead } from './GroupHead.tsx'
import { HostMenu, type OpenMenu } from './HostMenu.tsx'

const EditHostDialog = later(
  async () => (await import('../host/EditHostDialog.tsx')).EditHostDialog,
  ({ host }) => host !== undefined,
)

interface FleetTableProps {
  readonly views: readonly HostView[]
  /** Of these. */
  readonly figures: FleetFigures
  readonly selected: ReadonlySet<string>
  readonly onSelect: (hostId: string) => void
  readonly onSelectAll: () => void
  readonly shown: FleetShown
  readonly onShow: (change: Partial<FleetShown>) => void
}

export function FleetTable(props: FleetTableProps) {
  const { views, figures, selected, onSelect, onSelectAll, shown, onShow } = props
  const { grouped, columns: chosen, sort } = shown
  const store = useStore()
  const { run } = useAct()
  const [leaving, setLeaving] = useState<HostView>()
  const [edited, setEdited] = useState<HostView>()
  const toggleConnection = ({ host, connection }: HostView) => {
    const method = connection.state === 'disconnected' ? 'hosts/connect' : 'hosts/disconnect'
    run(`Connection of ${host.name}`, () => store.call(method, { hostId: host.id }))
  }
  const { columns, menu, closeMenu } = useColumns({ views, selected, onSelect, onSelectAll, chosen })
  const groups = useMemo(
    () =>
      grouped
        ? groupsByTag(views).map(({ tag, holds }) => ({
            key: tag ?? '',
            head: <GroupHead tag={tag} views={views.filter(holds)} />,
            holds,
          }))
        : undefined,
    [grouped, views],
  )
  return (
    <>
      <DataTable
        label="Hosts"
        testId="fleet-table"
        rows={views}
        columns={columns}
        fixed
        rowHeight={55}
        footers={fleetFooters(figures)}
        {...withValue({ groups })}
        rowKey={({ host }) => host.id}
        initialSort={sort}
        onSort={(next) => onShow({ sort: next })}
        onOpen={openHost}
        empty="No host matches the filter."
      />
      <HostMenu
        open={menu}
        onClose={closeMenu}
        onToggleConnection={toggleConnection}
        onEdit={setEdited}
        onRemove={setLeaving}
      />
      <EditHostDialog host={edited?.host} onClose={() => setEdited(undefined)} />
      <RemoveDialog leaving={leaving} onClose={() => setLeaving(undefined)} />
    </>
  )
}

function RemoveDialog({
  leaving,
  onClose,
}: {
  readonly leaving: HostView | undefined
  readonly onClose: () => void
}) {
  const store = useStore()
  const { run } = useAct()
  const remove = () => {
    if (leaving === undefined) return
    const { id, name } = leaving.host
    run(`Remove ${name}`, () => store.call('hosts/remove', { hostId: id }))
  }
  return (
    <ConfirmDialog
      opened={leaving !== undefined}
      title={`Remove ${leaving?.host.name ?? ''}?`}
      confirmLabel="Remove host"
      danger
      onClose={onClose}
      onConfirm={remove}
    >
      The workbench disconnects and forgets this host. The host itself is not changed: its KSM settings stay
      as they are, and the helper and its audit stay on it. To remove the helper too, choose “Uninstall…” on
      the page of the host first.
    </ConfirmDialog>
  )
}

interface ColumnsParts extends Pick<FleetTableProps, 'views' | 'selected' | 'onSelect' | 'onSelectAll'> {
  readonly chosen: FleetShown['columns']
}

function useColumns({ views, selected, onSelect, onSelectAll, chosen }: ColumnsParts) {
  const store = useStore()
  const [menu, setMenu] = useState<OpenMenu>()
  const closeMenu = useCallback(() => setMenu(undefined), [])
  const onMenu = useCallback(
    (hostId: string, at: DOMRect) => {
      const view = store.find(hostId)
      setMenu((open) => (view && open?.view.host.id !== hostId ? { view, at } : undefined))
    },
    [store],
  )
  // The same columns while nothing is selected: only rows that changed are drawn again.
  const rest = useMemo(
    () => fleetColumns({ selected, onSelect, onMenu, chosen }),
    [selected, onSelect, onMenu, chosen],
  )
  const areAll = views.length > 0 && views.every(({ host }) => selected.has(host.id))
  const selectAll = useRef(onSelectAll)
  selectAll.current = onSelectAll
  const columns = useMemo(
    () => [selectColumn({ selected, onSelect, areAll, onSelectAll: () => selectAll.current() }), ...rest],
    [selected, onSelect, areAll, rest],
  )
  return { columns, menu, closeMenu }
}

function openHost({ host }: HostView): void {
  open(hostLink(host.id))
}
