import { Button, Group } from '@mantine/core'
import { IconDeviceDesktop, IconFileImport, IconPlus, IconServer2, IconTerminal2 } from '@tabler/icons-react'
import { useState } from 'react'
import type { AddWay } from '../add-hosts/AddHostDialog.tsx'
import { useStore } from '../store/use-fleet.ts'
import { Tour } from '../tour/Tour.tsx'
import panel from '../ui/panel.module.css'
import { useAct } from '../ui/use-act.ts'
import classes from './EmptyFleet.module.css'

export function EmptyFleet({ onAdd }: { readonly onAdd: (way: AddWay) => void }) {
  const store = useStore()
  const { busy, run } = useAct()
  const [touring, setTouring] = useState(false)
  return (
    <section className={`${panel.panel} ${classes.empty}`} data-testid="empty-fleet">
      <IconServer2 size={38} stroke={1.4} color="var(--wb-dim)" aria-hidden />
      <h2 className={classes.title}>Add your first host</h2>
      <p className={classes.text}>
        The workbench connects over SSH with your keys and agent, copies one helper to the host and reads. It
        changes nothing until you allow changes for that host.
      </p>
      <Group justify="center" gap="xs">
        <Button leftSection={<IconPlus size={15} />} onClick={() => onAdd('address')}>
          Add a host
        </Button>
        <Button variant="default" leftSection={<IconTerminal2 size={15} />} onClick={() => onAdd('config')}>
          From ~/.ssh/config
        </Button>
        <Button variant="default" leftSection={<IconFileImport size={15} />} onClick={() => onAdd('import')}>
          Paste or import a list
        </Button>
        <Button
          variant="default"
          loading={busy}
          leftSection={<IconDeviceDesktop size={15} />}
          onClick={() =>
            run('Add this machine', () => store.call('hosts/add', { address: 'local', name: 'This machine' }))
          }
        >
          This machine
        </Button>
      </Group>
      <Button variant="subtle" size="xs" mt="md" onClick={() => setTouring(true)}>
        New here? Take the tour
      </Button>
      <Tour opened={touring} onClose={() => setTouring(false)} />
    </section>
  )
}
