import { useMemo, useState } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { hostLink, open } from '../route.ts'
import { useStore } from '../store/use-fleet.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { useAct } from '../ui/use-act.ts'
import { fleetColumns } from './fleet-columns.tsx'
import { type FleetFigures, figuresOf } from './fleet-figures.ts'

interface FleetTableProps {
  readonly views: readonly HostView[]
  readonly selected: ReadonlySet<string>
  readonly onSelect: (hostId: string) => void
}

export function FleetTable({ views, selected, onSelect }: FleetTableProps) {
  const store = useStore()
  const { run } = useAct()
  const [leaving, setLeaving] = useState<HostView>()
  const figures: FleetFigures = useMemo(() => figuresOf(views), [views])
  const columns = fleetColumns({
    figures,
    selected,
    onSelect,
    onRemove: setLeaving,
    onToggleConnection: ({ host, connection }) => {
      const method = connection.state === 'disconnected' ? 'hosts/connect' : 'hosts/disconnect'
      run(`Connection of ${host.name}`, () => store.call(method, { hostId: host.id }))
    },
  })
  return (
    <>
      <DataTable
        label="Hosts"
        testId="fleet-table"
        rows={views}
        columns={columns}
        rowKey={({ host }) => host.id}
        initialSort={{ id: 'state', desc: false }}
        onOpen={({ host }) => open(hostLink(host.id))}
        empty="No host matches the filter."
      />
      <ConfirmDialog
        opened={leaving !== undefined}
        title={`Remove ${leaving?.host.name ?? ''}?`}
        confirmLabel="Remove host"
        danger
        onClose={() => setLeaving(undefined)}
        onConfirm={() => {
          if (leaving)
            run(`Remove ${leaving.host.name}`, () => store.call('hosts/remove', { hostId: leaving.host.id }))
        }}
      >
        The workbench disconnects and forgets this host. The host itself is not changed: KSM settings stay as
        they are now, and the helper’s audit log stays on it.
      </ConfirmDialog>
    </>
  )
}
