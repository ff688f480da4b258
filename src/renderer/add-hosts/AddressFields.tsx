import { TextInput } from '@mantine/core'
import type { NewHost } from '../../shared/contract/index.ts'

interface AddressFieldsProps {
  readonly host: NewHost
  readonly onHost: (host: NewHost) => void
}

export function AddressFields({ host, onHost }: AddressFieldsProps) {
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
        description="Optional; the address unless given."
        value={host.name ?? ''}
        onChange={(event) => onHost({ ...host, name: event.currentTarget.value })}
        maxLength={512}
      />
    </>
  )
}
