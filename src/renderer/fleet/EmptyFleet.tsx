import { Button, Group } from '@mantine/core'
import { IconDeviceDesktop, IconPlus, IconServer2 } from '@tabler/icons-react'
import { useStore } from '../store/use-fleet.ts'
import { useAct } from '../ui/use-act.ts'

export function EmptyFleet({ onAdd }: { readonly onAdd: () => void }) {
  const store = useStore()
  const { busy, run } = useAct()
  return (
    <section
      className="panel"
      style={{ padding: '56px 24px', textAlign: 'center' }}
      data-testid="empty-fleet"
    >
      <IconServer2 size={38} stroke={1.4} color="var(--wb-dim)" aria-hidden />
      <h2 style={{ fontSize: 18, marginTop: 8 }}>Add your first host</h2>
      <p style={{ color: 'var(--wb-dim)', maxWidth: 540, margin: '8px auto 18px', fontSize: 13 }}>
        The workbench connects over SSH with your keys and agent, copies one small helper to the host and
        reads. It changes nothing until you allow changes for that host.
      </p>
      <Group justify="center" gap="xs">
        <Button leftSection={<IconPlus size={15} />} onClick={onAdd}>
          Add a host
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
    </section>
  )
}
