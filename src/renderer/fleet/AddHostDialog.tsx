import { Button, Group, Modal, Tabs, TagsInput, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useStore } from '../store/use-fleet.ts'
import { toastProblem } from '../ui/toasts.ts'
import { CandidateList } from './CandidateList.tsx'
import { parseAddressList } from './fleet-figures.ts'

interface AddHostDialogProps {
  readonly opened: boolean
  readonly onClose: () => void
}

type Way = 'address' | 'config' | 'list'

export function AddHostDialog({ opened, onClose }: AddHostDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add hosts" size="lg" data-testid="add-host">
      <AddHostForm onClose={onClose} />
    </Modal>
  )
}

function AddHostForm({ onClose }: { readonly onClose: () => void }) {
  const store = useStore()
  const [way, setWay] = useState<Way>('address')
  const [address, setAddress] = useState('')
  const [name, setName] = useState('')
  const [list, setList] = useState('')
  const [picked, setPicked] = useState<readonly string[]>([])
  const [tags, setTags] = useState<string[]>([])
  const addresses = {
    address: [address.trim()].filter(Boolean),
    config: picked,
    list: parseAddressList(list),
  }[way]
  const add = () => {
    onClose()
    for (const each of addresses) {
      const named = way === 'address' && name.trim() ? { name: name.trim() } : {}
      store
        .call('hosts/add', { address: each, tags, ...named })
        .catch((error: unknown) => toastProblem(`Add ${each}`, error))
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (addresses.length > 0) add()
      }}
    >
      <Tabs keepMounted={false} value={way} onChange={(value) => setWay((value ?? 'address') as Way)}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="address">Address</Tabs.Tab>
          <Tabs.Tab value="config">From ~/.ssh/config</Tabs.Tab>
          <Tabs.Tab value="list">Paste a list</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="address">
          <AddressFields address={address} onAddress={setAddress} name={name} onName={setName} />
        </Tabs.Panel>
        <Tabs.Panel value="config">
          <CandidateList picked={picked} onPick={setPicked} />
        </Tabs.Panel>
        <Tabs.Panel value="list">
          <Textarea
            label="Addresses"
            description="One a line; # starts a comment."
            placeholder={'kvm01\nroot@10.0.0.7:2222'}
            rows={7}
            value={list}
            onChange={(event) => setList(event.currentTarget.value)}
          />
        </Tabs.Panel>
      </Tabs>
      <TagsInput
        mt="sm"
        label="Tags"
        description="Press Enter after each; optional."
        value={tags}
        onChange={setTags}
      />
      <Group justify="space-between" mt="lg">
        <span className="panel-note">New hosts start in observe mode: nothing on them is changed.</span>
        <Button type="submit" size="xs" disabled={addresses.length === 0} data-testid="add-host-submit">
          {addresses.length > 1 ? `Add ${addresses.length} hosts` : 'Add host'}
        </Button>
      </Group>
    </form>
  )
}

interface AddressFieldsProps {
  readonly address: string
  readonly onAddress: (address: string) => void
  readonly name: string
  readonly onName: (name: string) => void
}

function AddressFields({ address, onAddress, name, onName }: AddressFieldsProps) {
  return (
    <>
      <TextInput
        label="Address"
        description="[user@]host[:port], an alias of ~/.ssh/config, or “local” for this machine."
        placeholder="root@kvm01"
        data-autofocus
        value={address}
        onChange={(event) => onAddress(event.currentTarget.value)}
        spellCheck={false}
        autoComplete="off"
        maxLength={1024}
      />
      <TextInput
        mt="sm"
        label="Name"
        description="Optional; the address unless given."
        value={name}
        onChange={(event) => onName(event.currentTarget.value)}
        maxLength={512}
      />
    </>
  )
}
