// What can be done with the hosts that are selected, all at once.
import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useState } from 'react'
import type { HostView, NamedPolicy } from '../../shared/contract/index.ts'
import { useNamedPolicies } from '../policies/use-policy-library.ts'
import { useStore } from '../store/use-fleet.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import classes from './BulkBar.module.css'
import { bulkActs, type FleetAct, runPolicy } from './bulk-acts.ts'
import type { BulkAct } from './use-bulk.ts'

interface BulkBarProps {
  readonly chosen: readonly HostView[]
  readonly busy: boolean
  readonly onStart: (act: BulkAct) => void
  readonly onClear: () => void
}

export function BulkBar({ chosen, busy, onStart, onClear }: BulkBarProps) {
  const store = useStore()
  const { value: policies = [] } = useNamedPolicies()
  const [asked, setAsked] = useState<FleetAct>()
  const choose = (act: FleetAct) => (act.explain === undefined ? onStart(act) : setAsked(act))
  const count = `${chosen.length} ${chosen.length === 1 ? 'host' : 'hosts'}`
  return (
    <section className={classes.bar} aria-label="With the selected hosts" data-testid="bulk-bar">
      <b>{count} selected</b>
      {bulkActs(store).map((act) => (
        <Button
          key={act.title}
          size="compact-xs"
          variant="default"
          disabled={busy}
          onClick={() => choose(act)}
        >
          {act.title}
          {act.explain && '…'}
        </Button>
      ))}
      <Menu position="bottom-start" transitionProps={{ duration: 0 }} disabled={busy}>
        <Menu.Target>
          <Button
            size="compact-xs"
            variant="default"
            disabled={busy}
            rightSection={<IconChevronDown size={12} />}
          >
            Run a policy
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {policies.length === 0 && <Menu.Label>No policy has been saved under a name yet.</Menu.Label>}
          {policies.map((policy: NamedPolicy) => (
            <Menu.Item key={policy.name} onClick={() => choose(runPolicy(store, policy))}>
              {policy.name}, version {policy.version}…
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <span className="spacer" />
      <Button size="compact-xs" variant="subtle" color="gray" onClick={onClear}>
        Select none
      </Button>
      <ConfirmDialog
        opened={asked !== undefined}
        title={`${asked?.title ?? ''} on ${count}?`}
        confirmLabel={asked?.title ?? ''}
        onClose={() => setAsked(undefined)}
        onConfirm={() => asked && onStart(asked)}
      >
        {asked?.explain}
      </ConfirmDialog>
    </section>
  )
}
