// What to roll out, over which hosts, in which stages; says before the start that it ends with the workbench.
import { MultiSelect, NumberInput, Select, TextInput } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { type HostView, type NamedPolicy, rolloutStage } from '../../shared/contract/index.ts'
import { findAssignment } from '../../shared/policies/assignment.ts'
import { parsePolicyFile } from '../../shared/policies/policy-file.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { useAct } from '../ui/use-act.ts'
import classes from './policies.module.css'

const noViews: readonly HostView[] = []

export function RolloutForm({ policies }: { readonly policies: readonly NamedPolicy[] }) {
  const store = useStore()
  const act = useAct()
  const views = useFleet((fleet) => fleet.hosts) ?? noViews
  const [name, setName] = useState<string | null>(null)
  const [hostIds, setHostIds] = useState<string[]>([])
  const [stagesText, setStagesText] = useState('1, 25%, 100%')
  const [waitSeconds, setWaitSeconds] = useState(60)
  const policy = policies.find((one) => one.name === name)
  const stages = stagesText.split(',').map((stage) => stage.trim())
  const oddStage = stages.find((stage) => !rolloutStage.safeParse(stage).success)
  const hosts = useMemo(() => views.map(({ host }) => ({ value: host.id, label: host.name })), [views])
  const choose = (next: string | null) => {
    setName(next)
    setHostIds(assignedTo(next, views, policies))
  }
  const start = () =>
    act.run('Start the roll-out', async () => {
      if (policy === undefined) return
      const parsed = parsePolicyFile(policy.text)
      const policyName = `${policy.name}, version ${policy.version}`
      await store.call('rollouts/start', { hostIds, policy: parsed, policyName, stages, waitSeconds })
    })
  return (
    <div className={classes.rolloutForm}>
      <Select
        label="Policy"
        description={policy ? `version ${policy.version}` : 'one of the named policies'}
        data={policies.map((one) => one.name)}
        value={policy?.name ?? null}
        onChange={choose}
        data-testid="rollout-policy"
      />
      <MultiSelect
        label="Hosts"
        description="in the order in which they are started"
        data={hosts}
        value={hostIds}
        onChange={setHostIds}
        searchable
        data-testid="rollout-hosts"
      />
      <StagesInput text={stagesText} oddStage={oddStage} onChange={setStagesText} />
      <WaitInput seconds={waitSeconds} onChange={setWaitSeconds} />
      <StartButton
        policy={policy}
        names={hostIds.map((id) => hosts.find(({ value }) => value === id)?.label ?? id)}
        refusal={whyNot(policy, hostIds, oddStage, views)}
        busy={act.busy}
        onStart={start}
      />
    </div>
  )
}

interface StagesInputProps {
  readonly text: string
  readonly oddStage: string | undefined
  readonly onChange: (text: string) => void
}

function StagesInput({ text, oddStage, onChange }: StagesInputProps) {
  return (
    <TextInput
      label="Stages"
      description="numbers of hosts, or shares"
      value={text}
      error={oddStage === undefined ? undefined : `“${oddStage}” is not a stage: write 1 or 25%.`}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-testid="rollout-stages"
    />
  )
}

interface WaitInputProps {
  readonly seconds: number
  readonly onChange: (seconds: number) => void
}

function WaitInput({ seconds, onChange }: WaitInputProps) {
  return (
    <NumberInput
      label="Wait at each stage"
      description="while all guards hold"
      suffix=" s"
      min={1}
      max={86_400}
      value={seconds}
      onChange={(value) => typeof value === 'number' && onChange(value)}
      data-testid="rollout-wait"
    />
  )
}

interface StartButtonProps {
  readonly policy: NamedPolicy | undefined
  /** Of the hosts, in their order. */
  readonly names: readonly string[]
  readonly refusal: string | undefined
  readonly busy: boolean
  readonly onStart: () => void
}

function StartButton({ policy, names, refusal, busy, onStart }: StartButtonProps) {
  const [asking, setAsking] = useState(false)
  return (
    <>
      <ActButton
        testId="rollout-start"
        icon={IconPlayerPlay}
        filled
        busy={busy}
        refusal={refusal}
        onClick={() => setAsking(true)}
      >
        Start…
      </ActButton>
      <ConfirmDialog
        opened={asking}
        title={`Roll ${policy?.name ?? 'the policy'} out over ${names.length} hosts?`}
        confirmLabel="Start the roll-out"
        onClose={() => setAsking(false)}
        onConfirm={onStart}
      >
        It begins with {names[0]}. Where a host has no service it runs in session mode: when the workbench
        disconnects or closes, the policy ends there and every setting is put back as it was; the next
        workbench goes on with the roll-out. The service of a host goes on with the policy. When a guard trips
        on one host, the policy is stopped on all of them, and services run the policy that they had before.
      </ConfirmDialog>
    </>
  )
}

function assignedTo(
  name: string | null,
  views: readonly HostView[],
  policies: readonly NamedPolicy[],
): string[] {
  return views
    .filter(({ host }) => {
      const found = findAssignment(host, policies)
      return found.kind === 'one' && found.policy.name === name
    })
    .map(({ host }) => host.id)
}

/** Main decides again, and names every host that cannot take part. */
function whyNot(
  policy: NamedPolicy | undefined,
  hostIds: readonly string[],
  oddStage: string | undefined,
  views: readonly HostView[],
): string | undefined {
  if (policy === undefined) return 'Choose a named policy first.'
  if (hostIds.length === 0) return 'Choose at least one host.'
  if (oddStage !== undefined) return 'The stages are not valid: see the error beside them.'
  const chosen = views.filter(({ host }) => hostIds.includes(host.id))
  const observed = chosen.filter(({ host }) => host.mode === 'observe').map(({ host }) => host.name)
  return observed.length === 0
    ? undefined
    : `In observe mode: ${observed.join(', ')}. Allow changes there first.`
}
