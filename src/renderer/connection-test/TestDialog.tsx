import { Button, Group, Modal } from '@mantine/core'
import { useEffect } from 'react'
import type { SavedHost } from '../../shared/contract/index.ts'
import classes from './TestDialog.module.css'
import { TestPanel } from './TestPanel.tsx'
import { useConnectionTest } from './use-connection-test.ts'

interface TestDialogProps {
  readonly host: SavedHost
  readonly opened: boolean
  readonly onClose: () => void
}

/** Starts at once: who opens it wants to know. */
export function TestDialog({ host, opened, onClose }: TestDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Connection test of ${host.name}`}
      size={720}
      data-testid="test-dialog"
    >
      <HostTest hostId={host.id} />
    </Modal>
  )
}

function HostTest({ hostId }: { readonly hostId: string }) {
  const run = useConnectionTest()
  const { start, running } = run
  useEffect(() => start({ hostId }), [start, hostId])
  return (
    <>
      <p className={`panel-note ${classes.intro}`}>
        Opens one more connection, exactly as the workbench does. If the helper is missing, it is installed,
        as at every first connection. Nothing else on the host is changed.
      </p>
      <TestPanel run={run} />
      <Group justify="flex-end" mt="md">
        <Button size="xs" variant="default" disabled={running} onClick={() => start({ hostId })}>
          Test again
        </Button>
      </Group>
    </>
  )
}
