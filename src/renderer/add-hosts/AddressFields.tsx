import { Button, Group, TextInput } from '@mantine/core'
import type { NewHost } from '../../shared/contract/index.ts'
import { TestPanel } from '../connection-test/TestPanel.tsx'
import { useConnectionTest } from '../connection-test/use-connection-test.ts'
import classes from './AddressFields.module.css'

interface AddressFieldsProps {
  readonly host: NewHost
  readonly onHost: (host: NewHost) => void
}

export function AddressFields({ host, onHost }: AddressFieldsProps) {
  const run = useConnectionTest()
  const address = host.address.trim()
  return (
    <>
      <TextInput
        label="Address"
        description="[user@]host[:port], an alias of ~/.ssh/config, or “local” for this machine."
        placeholder="root@kvm01"
        data-autofocus
        value={host.address}
        onChange={(event) => onHost({ ...host, address: event.currentTarget.value })}
        spellCheck={false}
        autoComplete="off"
        maxLength={1024}
      />
      <TextInput
        mt="sm"
        label="Name"
        description="Optional. Defaults to the address."
        value={host.name ?? ''}
        onChange={(event) => onHost({ ...host, name: event.currentTarget.value })}
        maxLength={512}
      />
      <Group mt="sm" gap="xs">
        <Button
          size="xs"
          variant="default"
          data-testid="test-address"
          disabled={address === ''}
          loading={run.running}
          onClick={() => run.start({ address })}
        >
          Test the connection
        </Button>
        <span className="panel-note">
          Installs the helper on the host if it is missing. Does not add the host.
        </span>
      </Group>
      <div className={classes.test}>
        <TestPanel run={run} />
      </div>
    </>
  )
}
