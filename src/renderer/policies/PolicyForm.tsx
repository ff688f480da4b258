// The usual keys of a policy as a form; a text that is no policy can be mended only as text.
import { NumberInput, Select, TagsInput } from '@mantine/core'
import type { HostView } from '../../shared/contract/index.ts'
import type { KsmPolicy, Policy, ReclaimPolicy } from '../../shared/contract/policies.ts'
import classes from './policies.module.css'
import { type Draft, withKey, withMode } from './policy-draft.ts'
import { ScheduleForm } from './ScheduleForm.tsx'

const modeLabels: Readonly<Record<Policy['scrub']['mode'], string>> = {
  adaptive: 'adaptive: keeps room for what is read again',
  reclaim: 'reclaim: frees memory to a target, then stops',
  periodic: 'periodic: evicts all double-cached pages every n seconds',
  observe: 'observe: measures only',
}
const modes = Object.entries(modeLabels).map(([value, label]) => ({ value, label }))

interface PolicyFormProps {
  readonly draft: Draft
  readonly view: HostView
  readonly onEdit: (text: string) => void
}

interface FieldsProps {
  readonly policy: Policy | undefined
  readonly set: (path: readonly string[], value: unknown) => void
}

/** Writes single keys into the text of the draft, and leaves the rest of it. */
export function PolicyForm({ draft: { text, policy }, view, onEdit }: PolicyFormProps) {
  const disabled = policy === undefined
  const set: FieldsProps['set'] = (path, value) => onEdit(withKey(text, path, value))
  const images = view.assessment?.images.map(({ path }) => path) ?? []
  const guests = view.assessment?.guests.map(({ name }) => name) ?? []
  return (
    <>
      <Select
        label="Scrub mode"
        description="Exclusions, floors, guards, KSM and windows stay when the mode changes."
        data={modes}
        value={policy?.scrub.mode ?? null}
        allowDeselect={false}
        disabled={disabled}
        onChange={(mode) => mode && onEdit(withMode(text, mode as Policy['scrub']['mode']))}
        data-testid="policy-mode"
      />
      <ModeFields policy={policy} set={set} />
      <KsmFields policy={policy} set={set} />
      <TagsInput
        label="Images never touched"
        placeholder="path of an image"
        data={[...new Set(images)]}
        value={policy?.scrub.guards.exclude ?? []}
        disabled={disabled}
        onChange={(paths) => set(['scrub', 'guards', 'exclude'], paths.length === 0 ? undefined : paths)}
        data-testid="policy-exclude-images"
      />
      <TagsInput
        label="Guests never merged"
        placeholder="name of a guest"
        data={[...new Set(guests)]}
        value={policy?.ksm.exclude ?? []}
        disabled={disabled}
        onChange={(names) => set(['ksm', 'exclude'], names.length === 0 ? undefined : names)}
        data-testid="policy-exclude-guests"
      />
      <ScheduleForm
        schedule={policy?.schedule}
        disabled={disabled}
        onChange={(schedule) => set(['schedule'], schedule)}
      />
    </>
  )
}

const MiB = 2 ** 20

/** What only one mode has, and the floor that all of them keep to. */
function ModeFields({ policy, set }: FieldsProps) {
  const { scrub } = policy ?? {}
  return (
    <div className={classes.pair}>
      <NumberInput
        label="Floor of each image"
        description="no image is scrubbed below it"
        suffix=" MiB"
        min={0}
        allowDecimal={false}
        value={scrub === undefined ? '' : Math.round(scrub.guards.imageFloorBytes / MiB)}
        disabled={scrub === undefined}
        onChange={(value) =>
          typeof value === 'number' && set(['scrub', 'guards', 'imageFloorBytes'], value * MiB)
        }
      />
      {scrub?.mode === 'periodic' && (
        <NumberInput
          label="Every"
          description="evicts what is cached twice"
          suffix=" s"
          min={1}
          max={300}
          value={scrub.everySeconds}
          onChange={(value) => typeof value === 'number' && set(['scrub', 'everySeconds'], value)}
        />
      )}
      {scrub?.mode === 'reclaim' && <TargetField target={scrub.target} set={set} />}
    </div>
  )
}

const targets = {
  freeBytes: { label: 'Frees', description: 'so much, then stops', suffix: ' MiB', unit: MiB },
  cacheBytes: { label: 'Leaves', description: 'so much image cache', suffix: ' MiB', unit: MiB },
  pressureRatio: {
    label: 'While pressure is at least',
    description: 'of memory, PSI',
    suffix: ' %',
    unit: 0.01,
  },
} as const

function TargetField({
  target,
  set,
}: { readonly target: ReclaimPolicy['target'] } & Pick<FieldsProps, 'set'>) {
  const key = (Object.keys(targets) as (keyof typeof targets)[]).find((one) => target[one] !== undefined)
  if (key === undefined) return null
  const { label, description, suffix, unit } = targets[key]
  return (
    <NumberInput
      label={label}
      description={description}
      suffix={suffix}
      min={0}
      value={Math.round((target[key] ?? 0) / unit)}
      onChange={(value) => typeof value === 'number' && set(['scrub', 'target', key], value * unit)}
    />
  )
}

function KsmFields({ policy, set }: FieldsProps) {
  const disabled = policy === undefined
  return (
    <div className={classes.pair}>
      <Select
        label="KSM"
        data={[
          { value: 'govern', label: 'govern: merges where it pays' },
          { value: 'observe', label: 'observe: leaves KSM alone' },
        ]}
        value={policy?.ksm.mode ?? null}
        allowDeselect={false}
        disabled={disabled}
        onChange={(mode) => set(['ksm', 'mode'], mode)}
      />
      <NumberInput
        label="ksmd’s CPU budget"
        suffix=" % of one core"
        min={1}
        max={400}
        value={policy === undefined ? '' : Math.round(policy.ksm.cpuRatio * 100)}
        disabled={disabled}
        onChange={(value) => typeof value === 'number' && set(['ksm', 'cpuRatio'], value / 100)}
      />
      {policy?.ksm.mode === 'govern' && (
        <NumberInput
          label="Haste for guests that boot"
          description="while memory is short; 0: none"
          suffix=" s in ten minutes"
          min={0}
          max={300}
          value={policy.ksm.bootHasteSeconds}
          onChange={(value) => typeof value === 'number' && set(['ksm', 'bootHasteSeconds'], value)}
          data-testid="policy-boot-haste"
        />
      )}
      {policy?.ksm.mode === 'govern' && <ReserveFields ksm={policy.ksm} set={set} />}
    </div>
  )
}

function ReserveFields({ ksm, set }: { readonly ksm: KsmPolicy } & Pick<FieldsProps, 'set'>) {
  return (
    <>
      <NumberInput
        label="Reserve for broken merges"
        description="of what merging saves"
        suffix=" %"
        min={0}
        max={100}
        value={Math.round(ksm.reserveRatio * 100)}
        onChange={(value) => typeof value === 'number' && set(['ksm', 'reserveRatio'], value / 100)}
        data-testid="policy-reserve-ratio"
      />
      <NumberInput
        label="Reserve, at least"
        description="0 here and 0 % above: no reserve is kept"
        suffix=" MiB"
        min={0}
        allowDecimal={false}
        value={Math.round(ksm.reserveBytes / MiB)}
        onChange={(value) => typeof value === 'number' && set(['ksm', 'reserveBytes'], value * MiB)}
        data-testid="policy-reserve-bytes"
      />
    </>
  )
}
