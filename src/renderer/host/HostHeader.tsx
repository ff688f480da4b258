import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useState } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { TestDialog } from '../connection-test/TestDialog.tsx'
import { useStore } from '../store/use-fleet.ts'
import { SameMachine } from '../ui/SameMachine.tsx'
import { StateBadge } from '../ui/StateBadge.tsx'
import { Tags } from '../ui/Tags.tsx'
import { useAct } from '../ui/use-act.ts'
import { EditHostDialog } from './EditHostDialog.tsx'
import classes from './HostHeader.module.css'
import { ModeSwitch } from './ModeSwitch.tsx'
import { UninstallButton } from './UninstallButton.tsx'

export function HostHeader({ view }: { readonly view: HostView }) {
  const store = useStore()
  const { busy, run } = useAct()
  const [editing, setEditing] = useState(false)
  const [testing, setTesting] = useState(false)
  const { host, hello, connection } = view
  const wanted = connection.state !== 'disconnected'
  const toggle = () =>
    run(wanted ? 'Disconnect' : 'Connect', () =>
      store.call(wanted ? 'hosts/disconnect' : 'hosts/connect', { hostId: host.id }),
    )
  return (
    <header className={classes.header}>
      <div className={classes.names}>
        <div className={classes.title}>
          <h1 className={`clip ${classes.name}`}>{host.name}</h1>
          <Tooltip label="Edit the name and the tags">
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label="Edit the name and the tags"
              data-testid="edit"
              onClick={() => setEditing(true)}
            >
              <IconPencil size={15} />
            </ActionIcon>
          </Tooltip>
          <span data-testid="host-tags" className={classes.tags}>
            <Tags tags={host.tags} most={6} />
          </span>
          <SameMachine hostId={host.id} />
        </div>
        <div className="cell-sub" data-testid="host-about">
          {[
            hello && hello.host.hostname !== host.name && hello.host.hostname,
            host.address !== host.name && host.address,
            hello && `Linux ${hello.host.kernel}`,
            hello && `helper ${hello.version}`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      <StateBadge view={view} />
      <span className="spacer" />
      <ModeSwitch view={view} />
      <Button size="xs" variant="default" data-testid="test-connection" onClick={() => setTesting(true)}>
        Test connection
      </Button>
      <Button size="xs" variant="default" loading={busy && !wanted} onClick={toggle}>
        {wanted ? 'Disconnect' : 'Connect'}
      </Button>
      <UninstallButton view={view} />
      <TestDialog host={host} opened={testing} onClose={() => setTesting(false)} />
      <EditHostDialog host={editing ? host : undefined} onClose={() => setEditing(false)} />
    </header>
  )
}
