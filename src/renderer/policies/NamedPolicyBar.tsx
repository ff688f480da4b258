// Above the editor: takes a named policy into it, saves it under a name, and shows the versions of that name.
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { IconDeviceFloppy, IconHistory } from '@tabler/icons-react'
import { useState } from 'react'
import type { NamedPolicy } from '../../shared/contract/index.ts'
import { useStore } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { ProblemNotice } from '../ui/Notice.tsx'
import { useAct } from '../ui/use-act.ts'
import { PolicyVersions } from './PolicyVersions.tsx'
import classes from './policies.module.css'
import type { Draft } from './policy-draft.ts'
import { useNamedPolicies } from './use-policy-library.ts'

interface NamedPolicyBarProps {
  readonly draft: Draft
  readonly onEdit: (text: string) => void
}

export function NamedPolicyBar({ draft, onEdit }: NamedPolicyBarProps) {
  const { value: policies = [], problem } = useNamedPolicies()
  const [name, setName] = useState<string | null>(null)
  const [dialog, setDialog] = useState<'save' | 'versions'>()
  const chosen = policies.find((one) => one.name === name)
  const take = (next: string | null) => {
    setName(next)
    const text = policies.find((one) => one.name === next)?.text
    if (text !== undefined) onEdit(text)
  }
  return (
    <div className={classes.acts}>
      {problem && <ProblemNotice attempt="Named policies" problem={problem} />}
      <PolicySelect policies={policies} chosen={chosen} onChange={take} />
      <ActButton
        testId="policy-save"
        icon={IconDeviceFloppy}
        busy={false}
        refusal={
          draft.error === undefined
            ? undefined
            : 'The text is not a valid policy yet: see the error beside it.'
        }
        onClick={() => setDialog('save')}
      >
        Save as…
      </ActButton>
      <ActButton
        testId="policy-versions-open"
        icon={IconHistory}
        busy={false}
        refusal={chosen === undefined ? 'Choose a named policy first.' : undefined}
        onClick={() => setDialog('versions')}
      >
        Versions…
      </ActButton>
      {chosen && <NamedNote policy={chosen} text={draft.text} />}
      <SaveDialog
        key={`${dialog} ${name}`}
        opened={dialog === 'save'}
        text={draft.text}
        proposed={name ?? ''}
        policies={policies}
        onClose={() => setDialog(undefined)}
        onSaved={setName}
      />
      {chosen && dialog === 'versions' && (
        <PolicyVersions
          policy={chosen}
          text={draft.text}
          onUse={onEdit}
          onClose={() => setDialog(undefined)}
        />
      )}
    </div>
  )
}

interface PolicySelectProps {
  readonly policies: readonly NamedPolicy[]
  readonly chosen: NamedPolicy | undefined
  readonly onChange: (name: string | null) => void
}

function PolicySelect({ policies, chosen, onChange }: PolicySelectProps) {
  return (
    <Select
      size="xs"
      placeholder={policies.length === 0 ? 'no named policy yet' : 'named policies'}
      aria-label="Named policy"
      data={policies.map((one) => one.name)}
      value={chosen?.name ?? null}
      disabled={policies.length === 0}
      searchable
      onChange={onChange}
      data-testid="policy-name"
    />
  )
}

function NamedNote({ policy, text }: { readonly policy: NamedPolicy; readonly text: string }) {
  return (
    <span className={classes.note}>
      version {policy.version}
      {policy.text === text ? '' : ', edited and not saved'}
    </span>
  )
}

interface SaveDialogProps {
  readonly opened: boolean
  readonly text: string
  readonly proposed: string
  readonly policies: readonly NamedPolicy[]
  readonly onClose: () => void
  readonly onSaved: (name: string) => void
}

function SaveDialog({ opened, text, proposed, policies, onClose, onSaved }: SaveDialogProps) {
  const store = useStore()
  const { run } = useAct()
  const [name, setName] = useState(proposed)
  const trimmed = name.trim()
  const before = policies.find((one) => one.name === trimmed)
  const save = () =>
    run('Save the policy', async () => {
      const saved = await store.call('policies/save', { name: trimmed, text })
      onSaved(saved.name)
      onClose()
    })
  return (
    <Modal opened={opened} onClose={onClose} title="Save this policy" size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (trimmed !== '') save()
        }}
      >
        <Stack gap="md">
          <TextInput
            label="Name"
            description={
              before === undefined
                ? 'Saves a new named policy.'
                : `Saves a new version after version ${before.version}.`
            }
            value={name}
            maxLength={64}
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
            data-testid="policy-save-name"
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" size="xs" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" size="xs" disabled={trimmed === ''} data-testid="policy-save-accept">
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
