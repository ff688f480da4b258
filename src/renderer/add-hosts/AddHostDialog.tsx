import { Button, Group, Modal, Tabs, TagsInput } from '@mantine/core'
import { useState } from 'react'
import type { NewHost } from '../../shared/contract/index.ts'
import { tagsOf } from '../model/fleet-figures.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { toastProblem, toastResult } from '../ui/toasts.ts'
import { AddressFields } from './AddressFields.tsx'
import { CandidateList } from './CandidateList.tsx'
import { ImportPane } from './ImportPane.tsx'
import { joinTags } from './import-rows.ts'

export type AddWay = 'address' | 'import' | 'config'

interface AddHostDialogProps {
  /** Absent: closed. */
  readonly way: AddWay | undefined
  /** A list of hosts that is read at first. */
  readonly importText?: string
  readonly onWay: (way: AddWay | undefined) => void
}

export function AddHostDialog({ way, importText, onWay }: AddHostDialogProps) {
  return (
    <Modal
      opened={way !== undefined}
      onClose={() => onWay(undefined)}
      title="Add hosts"
      size={way === 'import' ? 1000 : 640}
      data-testid="add-host"
    >
      {way && <AddHostForm way={way} importText={importText} onWay={onWay} />}
    </Modal>
  )
}

interface AddHostFormProps {
  readonly way: AddWay
  readonly importText: string | undefined
  readonly onWay: (way: AddWay | undefined) => void
}

function AddHostForm({ way, importText, onWay }: AddHostFormProps) {
  const { busy, add } = useAddAll(() => onWay(undefined))
  const [address, setAddress] = useState<NewHost>({ address: '' })
  const [picked, setPicked] = useState<readonly NewHost[]>([])
  const [imported, setImported] = useState<readonly NewHost[]>([])
  const [tags, setTags] = useState<string[]>([])
  const known = useFleet(({ hosts }) => hosts)
  const single = address.address.trim() === '' ? [] : [address]
  const hosts = { address: single, config: picked, import: imported }[way]
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (hosts.length > 0) add(hosts.map((host) => ({ ...host, tags: joinTags(host.tags ?? [], tags) })))
      }}
    >
      <Tabs keepMounted={false} value={way} onChange={(value) => onWay((value ?? 'address') as AddWay)}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="address">Address</Tabs.Tab>
          <Tabs.Tab value="import">Paste or import</Tabs.Tab>
          <Tabs.Tab value="config">From ~/.ssh/config</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="address">
          <AddressFields host={address} onHost={setAddress} />
        </Tabs.Panel>
        <Tabs.Panel value="import">
          <ImportPane startText={importText} onHosts={setImported} />
        </Tabs.Panel>
        <Tabs.Panel value="config">
          <CandidateList picked={picked} onPick={setPicked} />
        </Tabs.Panel>
      </Tabs>
      <TagsInput
        mt="sm"
        label={hosts.length > 1 ? 'Tags for all of them' : 'Tags'}
        description="Press Enter after each; optional."
        data={tagsOf(known ?? [])}
        maxTags={32}
        value={tags}
        onChange={setTags}
      />
      <Group justify="space-between" mt="lg">
        <span className="panel-note">New hosts start in observe mode: the workbench only reads.</span>
        <Button
          type="submit"
          size="xs"
          loading={busy}
          disabled={hosts.length === 0}
          data-testid="add-host-submit"
        >
          {hosts.length > 1 ? `Add ${hosts.length} hosts` : 'Add host'}
        </Button>
      </Group>
    </form>
  )
}

/** Closes when all were sent; those that main refuses are reported. */
function useAddAll(onDone: () => void) {
  const store = useStore()
  const [busy, setBusy] = useState(false)
  const add = (hosts: NewHost[]) => {
    setBusy(true)
    store.call('hosts/add-all', { hosts }).then(
      ({ added, refused }) => {
        if (added.length > 1) toastResult(`Added ${added.length} hosts`, 'Each is connected in observe mode.')
        const [first] = refused
        const more = refused.length > 1 ? ` and ${refused.length - 1} more` : ''
        if (first) toastProblem(`Add ${first.address}${more}`, first.problem)
        onDone()
      },
      (error: unknown) => {
        setBusy(false)
        toastProblem('Add hosts', error)
      },
    )
  }
  return { busy, add }
}
