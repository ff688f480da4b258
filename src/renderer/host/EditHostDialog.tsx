import { Button, Group, Modal, Stack, TagsInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { SavedHost } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { tagsOf } from '../model/fleet-figures.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { ProblemNotice } from '../ui/Notice.tsx'

interface EditHostDialogProps {
  /** Absent: closed. */
  readonly host: SavedHost | undefined
  readonly onClose: () => void
}

/** The name and the tags are the workbench's own: nothing on the host depends on them. */
export function EditHostDialog({ host, onClose }: EditHostDialogProps) {
  return (
    <Modal
      opened={host !== undefined}
      onClose={onClose}
      title={`Edit ${host?.name ?? ''}`}
      data-testid="edit-host"
    >
      {host && <EditHostForm key={host.id} host={host} onClose={onClose} />}
    </Modal>
  )
}

function EditHostForm({ host, onClose }: { readonly host: SavedHost; readonly onClose: () => void }) {
  const store = useStore()
  const hosts = useFleet((fleet) => fleet.hosts)
  const [name, setName] = useState(host.name)
  const [tags, setTags] = useState([...host.tags])
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ProblemData>()
  const empty = name.trim() === ''
  const save = () => {
    setBusy(true)
    store
      .call('hosts/update', { hostId: host.id, name: name.trim(), tags })
      .then(onClose, (error: unknown) => {
        setBusy(false)
        setProblem(asProblem(error).toData())
      })
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!empty && !busy) save()
      }}
    >
      <Stack gap="sm">
        {problem && <ProblemNotice problem={problem} attempt="Save" />}
        <TextInput
          label="Name"
          description={`Shown here and in reports; the address stays ${host.address}.`}
          data-autofocus
          maxLength={512}
          value={name}
          {...(empty && { error: 'A host needs a name.' })}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TagsInput
          label="Tags"
          description="Press Enter after each. The fleet can be filtered and grouped by them."
          data={tagsOf(hosts ?? [])}
          maxTags={32}
          value={tags}
          onChange={(next) => setTags(next.map((tag) => tag.slice(0, 64)))}
        />
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" size="xs" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" size="xs" loading={busy} disabled={empty} data-testid="edit-host-save">
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
