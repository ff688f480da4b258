// The named policies, what they are assigned to, and their roll-outs.
import { Button, Group, Modal, MultiSelect, Stack, TagsInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { NamedPolicy } from '../../shared/contract/index.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { Awaited } from '../ui/Awaited.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import { useAct } from '../ui/use-act.ts'
import classes from './policies.module.css'
import { RolloutForm } from './RolloutForm.tsx'
import { RolloutList } from './RolloutList.tsx'
import { useNamedPolicies } from './use-policy-library.ts'

export function PoliciesPage() {
  const answer = useNamedPolicies()
  return (
    <main className="page" data-testid="policies-page">
      <h1 className="sr-only">Policies</h1>
      <Panel
        title="Named policies"
        note="edited and saved in the Policy panel of a host"
        testId="named-policies"
      >
        <Awaited answer={answer} attempt="List the policies" reading="the policies" height={80}>
          {(policies) => (
            <>
              {policies.length === 0 && (
                <p className={classes.note}>
                  No policy yet. Open a host, edit its policy there and choose “Save as…”.
                </p>
              )}
              <ul className={classes.named}>
                {policies.map((policy) => (
                  <NamedRow key={policy.name} policy={policy} />
                ))}
              </ul>
            </>
          )}
        </Awaited>
      </Panel>
      <Panel
        title="Roll-out"
        note="one host, then some, then all; if a guard trips, it stops and puts everything back"
      >
        <RolloutForm policies={answer.value ?? []} />
      </Panel>
      <RolloutList />
    </main>
  )
}

function NamedRow({ policy }: { readonly policy: NamedPolicy }) {
  const store = useStore()
  const act = useAct()
  const [dialog, setDialog] = useState<'assign' | 'remove'>()
  const { name, version, at, author } = policy
  return (
    <li className={classes.namedRow} data-testid="named-policy">
      <b>{name}</b>
      <span className={classes.note}>
        version {version}, {formatMoment(at)} by {author}
      </span>
      <Assigned policy={policy} />
      <Button size="compact-xs" variant="default" onClick={() => setDialog('assign')}>
        Assign…
      </Button>
      <Button size="compact-xs" variant="subtle" color="red" onClick={() => setDialog('remove')}>
        Remove…
      </Button>
      {dialog === 'assign' && <AssignDialog policy={policy} onClose={() => setDialog(undefined)} />}
      <ConfirmDialog
        opened={dialog === 'remove'}
        title={`Remove the policy ${name}?`}
        confirmLabel="Remove"
        danger
        onClose={() => setDialog(undefined)}
        onConfirm={() => act.run('Remove the policy', () => store.call('policies/remove', { name }))}
      >
        All its versions are removed from the workbench. On hosts where it runs, it keeps running.
      </ConfirmDialog>
    </li>
  )
}

function Assigned({ policy: { hostIds, tags } }: { readonly policy: NamedPolicy }) {
  const hosts = useFleet((fleet) => fleet.hosts)
  const names = hosts?.filter(({ host }) => hostIds.includes(host.id)).map(({ host }) => host.name) ?? []
  const to = [...names, ...tags.map((tag) => `tag ${tag}`)]
  return (
    <span className={classes.note}>{to.length === 0 ? 'not assigned' : `assigned to ${to.join(', ')}`}</span>
  )
}

interface AssignDialogProps {
  readonly policy: NamedPolicy
  readonly onClose: () => void
}

function AssignDialog({ policy, onClose }: AssignDialogProps) {
  const store = useStore()
  const act = useAct()
  const views = useFleet((fleet) => fleet.hosts)
  const [hostIds, setHostIds] = useState(policy.hostIds)
  const [tags, setTags] = useState(policy.tags)
  const hosts = useMemo(() => views?.map(({ host }) => ({ value: host.id, label: host.name })) ?? [], [views])
  const known = useMemo(() => [...new Set(views?.flatMap(({ host }) => host.tags) ?? [])], [views])
  const assign = () =>
    act.run('Assign the policy', async () => {
      await store.call('policies/assign', { name: policy.name, hostIds, tags })
      onClose()
    })
  return (
    <Modal opened onClose={onClose} title={`Assign ${policy.name}`} size="md">
      <Stack gap="md">
        <p className={classes.note}>
          This starts nothing: it records which policy a host should run. If a host or tag had another policy,
          this one replaces it.
        </p>
        <MultiSelect label="Hosts" data={hosts} value={hostIds} onChange={setHostIds} searchable />
        <TagsInput label="Tags" data={known} value={tags} onChange={setTags} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" size="xs" onClick={onClose}>
            Cancel
          </Button>
          <Button size="xs" loading={act.busy} onClick={assign} data-testid="policy-assign-accept">
            Assign
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
