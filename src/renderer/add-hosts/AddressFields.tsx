import { Button, Group, TextInput } from '@mantine/core'
import { useState } from 'react'
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
  const [tested, setTested] = useState<string>()
  const address = host.address.trim()
  // What is known of another address says nothing of this one.
  const isTested = tested === address
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
          loading={isTested && run.running}
          onClick={() => {
            setTested(address)
            run.start({ address })
          }}
        >
          Test the connection
        </Button>
        <span className="panel-note">
          Installs the helper on the host if it is missing. Does not add the host.
        </span>
      </Group>
      <div className={classes.test}>{isTested && <TestPanel run={run} />}</div>
    </>
  )
}
