// What to ask: hosts, arms, metric, phases and guards; then what it will do, and only then the start.
import { Button, Checkbox, MultiSelect, NumberInput, Select, TextInput } from '@mantine/core'
import { useMemo } from 'react'
import { type ExperimentMetric, experimentMetrics, type HostView } from '../../shared/contract/index.ts'
import { metricSources, metricWords } from '../../shared/text/experiment-text.ts'
import classes from './experiments.module.css'
import type { PlannerDraft } from './planner-draft.ts'

interface PlannerFormProps {
  readonly draft: PlannerDraft
  readonly views: readonly HostView[]
  readonly policyNames: readonly string[]
  readonly busy: boolean
  readonly onChange: (draft: PlannerDraft) => void
  readonly onPlan: () => void
}

export function PlannerForm(props: PlannerFormProps) {
  const { draft, busy, onChange, onPlan } = props
  const set = (change: Partial<PlannerDraft>) => onChange({ ...draft, ...change })
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        onPlan()
      }}
    >
      <Question {...props} set={set} />
      <Phases draft={draft} set={set} />
      <Guards draft={draft} set={set} />
      <div className={classes.acts}>
        <TextInput
          aria-label="Title"
          placeholder="Title (optional)"
          value={draft.title}
          maxLength={120}
          onChange={(event) => set({ title: event.currentTarget.value })}
        />
        <Button
          type="submit"
          size="xs"
          loading={busy}
          disabled={draft.hostIds.length === 0}
          data-testid="experiment-plan"
        >
          Plan…
        </Button>
        <span className={classes.note}>Planning changes nothing.</span>
      </div>
    </form>
  )
}

function Question({ draft, views, policyNames, set }: PlannerFormProps & { readonly set: Change }) {
  const hosts = useMemo(() => views.map(({ host }) => ({ value: host.id, label: host.name })), [views])
  const arms = { draft, policyNames, onChange: set }
  return (
    <div className={classes.fields}>
      <MultiSelect
        label="Hosts"
        data={hosts}
        value={[...draft.hostIds]}
        onChange={(hostIds) => set({ hostIds })}
        searchable
        data-testid="experiment-hosts"
      />
      <ArmSelect {...arms} arm={0} label="Arm A, the baseline" />
      <ArmSelect {...arms} arm={1} label="Arm B, judged against A" />
      <Select
        label="Primary metric"
        data={experimentMetrics.map((metric) => ({ value: metric, label: metricWords[metric] }))}
        value={draft.metric}
        allowDeselect={false}
        title={metricSources[draft.metric]}
        onChange={(metric) => set({ metric: metric as ExperimentMetric })}
        data-testid="experiment-metric"
      />
    </div>
  )
}

function Phases({ draft, set }: { readonly draft: PlannerDraft; readonly set: Change }) {
  const amount = { draft, onChange: set }
  return (
    <div className={classes.fields}>
      <Amount {...amount} name="phaseSeconds" label="Phase" suffix=" s" range={[1, 3600]} />
      <Amount {...amount} name="warmUpSeconds" label="Warm-up" suffix=" s" range={[0, 3600]} />
      <Amount {...amount} name="pairs" label="Pairs" range={[1, 100]} />
      <Amount {...amount} name="marginPercent" label="Does not matter up to" suffix=" %" range={[0.1, 100]} />
      <Amount {...amount} name="minReads" label="A guest counts from" suffix=" reads" range={[1, 1e9]} />
      <Checkbox
        label="Cold caches"
        title="Before each phase all clean pages of the guests’ images leave the page cache."
        checked={draft.cold}
        onChange={(event) => set({ cold: event.currentTarget.checked })}
        data-testid="experiment-cold"
      />
    </div>
  )
}

function Guards({ draft, set }: { readonly draft: PlannerDraft; readonly set: Change }) {
  const amount = { draft, onChange: set }
  return (
    <fieldset className={classes.guards}>
      <legend>Ends, and everything is put back, when</legend>
      <div className={classes.fields}>
        <Amount
          {...amount}
          name="slowdownFactor"
          label="a phase is worse by"
          suffix=" times"
          range={[1.1, 1000]}
        />
        <Amount
          {...amount}
          name="pressurePercent"
          label="memory pressure passes"
          suffix=" %"
          range={[0.1, 100]}
        />
        <Checkbox
          label="a guard of the policy trips"
          checked={draft.policyGuards}
          onChange={(event) => set({ policyGuards: event.currentTarget.checked })}
        />
      </div>
    </fieldset>
  )
}

type Change = (change: Partial<PlannerDraft>) => void

interface ArmSelectProps {
  readonly draft: PlannerDraft
  readonly arm: 0 | 1
  readonly label: string
  readonly policyNames: readonly string[]
  readonly onChange: Change
}

function ArmSelect({ draft, arm, label, policyNames, onChange }: ArmSelectProps) {
  const names = [
    ...new Set(['off', 'adaptive', 'periodic:30', ...policyNames, ...Object.keys(draft.knownArms)]),
  ]
  const { arms } = draft
  return (
    <Select
      label={label}
      data={names}
      value={arms[arm]}
      allowDeselect={false}
      onChange={(name) => name !== null && onChange({ arms: arm === 0 ? [name, arms[1]] : [arms[0], name] })}
      data-testid={`experiment-arm-${arm}`}
    />
  )
}

type AmountName = {
  [K in keyof PlannerDraft]: PlannerDraft[K] extends number ? K : never
}[keyof PlannerDraft]

interface AmountProps {
  readonly draft: PlannerDraft
  readonly name: AmountName
  readonly label: string
  readonly suffix?: string
  readonly range: readonly [number, number]
  readonly onChange: Change
}

function Amount({ draft, name, label, suffix = '', range: [min, max], onChange }: AmountProps) {
  return (
    <NumberInput
      label={label}
      suffix={suffix}
      min={min}
      max={max}
      value={draft[name]}
      onChange={(value) => typeof value === 'number' && onChange({ [name]: value })}
      data-testid={`experiment-${name}`}
    />
  )
}
