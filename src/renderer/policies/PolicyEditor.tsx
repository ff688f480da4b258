import { NumberInput, Select, TagsInput, Textarea } from '@mantine/core'
import { IconListSearch, IconPlayerPlay } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { HostView, PolicyPreview, PolicyRun } from '../../shared/contract/index.ts'
import type { Policy } from '../../shared/contract/policies.ts'
import { describePreview } from '../../shared/text/policy-text.ts'
import { describeDisconnect } from '../../shared/text/service-text.ts'
import { sideChannelWarning } from '../../shared/text/side-channel-text.ts'
import { whyNoChange, whyNotNow } from '../model/host-acts.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { useAct } from '../ui/use-act.ts'
import { NamedPolicyBar } from './NamedPolicyBar.tsx'
import classes from './policies.module.css'
import { type Draft, readDraft, startingPolicies, startOf, withKey } from './policy-draft.ts'

interface PolicyEditorProps {
  readonly view: HostView
  /** Who would run it: this session, or the service of the host. */
  readonly mode: PolicyRun['mode']
  readonly onStarted: () => void
}

export function PolicyEditor({ view, mode, onStarted }: PolicyEditorProps) {
  const [text, setText] = useState(startingPolicies.adaptive)
  const [preview, setPreview] = useState<PolicyPreview>()
  const draft = useMemo(() => readDraft(text), [text])
  const edit = (next: string) => {
    setText(next)
    setPreview(undefined)
  }
  return (
    <div className={classes.grid}>
      <div className={classes.form}>
        <NamedPolicyBar draft={draft} onEdit={edit} />
        <PolicyForm draft={draft} view={view} onEdit={edit} />
        <EditorActs view={view} mode={mode} draft={draft} onPreview={setPreview} onStarted={onStarted} />
      </div>
      <div className={classes.form}>
        <Textarea
          label="The policy as JSON"
          description="Keys that are left out take their defaults; docs/policies.md lists every key."
          className={classes.text}
          autosize
          minRows={8}
          maxRows={18}
          value={text}
          error={draft.error}
          onChange={(event) => edit(event.currentTarget.value)}
          data-testid="policy-text"
        />
        {preview && (
          <ul className={classes.preview} aria-live="polite" data-testid="policy-preview">
            {describePreview(preview)
              .split('\n')
              .map((line) => (
                <li key={line}>{line}</li>
              ))}
          </ul>
        )}
      </div>
    </div>
  )
}

const modes: readonly { readonly value: Policy['scrub']['mode']; readonly label: string }[] = [
  { value: 'adaptive', label: 'adaptive: keeps room for what is read again' },
  { value: 'reclaim', label: 'reclaim: frees memory to a target, then stops' },
  { value: 'periodic', label: 'periodic: evicts all double-cached pages every n seconds' },
  { value: 'observe', label: 'observe: measures only' },
]

interface PolicyFormProps {
  readonly draft: Draft
  readonly view: HostView
  readonly onEdit: (text: string) => void
}

/** The usual keys; a text that is no policy can be mended only as text. */
function PolicyForm({ draft: { text, policy }, view, onEdit }: PolicyFormProps) {
  const disabled = policy === undefined
  const set = (path: readonly string[], value: unknown) => onEdit(withKey(text, path, value))
  const images = view.assessment?.images.map(({ path }) => path) ?? []
  const guests = view.assessment?.guests.map(({ name }) => name) ?? []
  return (
    <>
      <Select
        label="Scrub mode"
        data={[...modes]}
        value={policy?.scrub.mode ?? null}
        allowDeselect={false}
        disabled={disabled}
        onChange={(mode) => mode && onEdit(startOf(mode as Policy['scrub']['mode'], policy))}
        data-testid="policy-mode"
      />
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
      </div>
      <TagsInput
        label="Images never touched"
        placeholder="path of an image"
        data={[...new Set(images)]}
        value={policy?.scrub.guards.exclude ?? []}
        disabled={disabled}
        onChange={(paths) => set(['scrub', 'guards', 'exclude'], paths.length === 0 ? undefined : paths)}
      />
      <TagsInput
        label="Guests never merged"
        placeholder="name of a guest"
        data={[...new Set(guests)]}
        value={policy?.ksm.exclude ?? []}
        disabled={disabled}
        onChange={(names) => set(['ksm', 'exclude'], names.length === 0 ? undefined : names)}
      />
    </>
  )
}

interface EditorActsProps extends PolicyEditorProps {
  readonly draft: Draft
  readonly onPreview: (preview: PolicyPreview) => void
}

function EditorActs({ view, mode, draft: { policy }, onPreview, onStarted }: EditorActsProps) {
  const store = useStore()
  const { run } = useAct()
  const [asking, setAsking] = useState(false)
  const hostId = view.host.id
  const switching = useFleet((fleet) => fleet.switching.includes(hostId))
  const busy = view.tasks.some(({ kind }) => kind === 'policy')
  const noPolicy =
    policy === undefined ? 'The text is not a valid policy yet: see the error beside it.' : undefined
  const preview = () =>
    run('Preview', async () => policy && onPreview(await store.call('policies/preview', { hostId, policy })))
  const start = () =>
    run('Start the policy', async () => {
      if (policy) await store.call('policies/start', { hostId, policy })
      onStarted()
    })
  return (
    <div className={classes.acts}>
      <ActButton
        testId="policy-dry-run"
        icon={IconListSearch}
        busy={busy}
        refusal={noPolicy ?? whyNotNow(view, switching)}
        onClick={preview}
      >
        Preview
      </ActButton>
      <ActButton
        testId="policy-start"
        icon={IconPlayerPlay}
        filled
        busy={busy}
        refusal={noPolicy ?? whyNoChange(view, switching)}
        onClick={() => setAsking(true)}
      >
        Start…
      </ActButton>
      <span className={classes.note}>A preview changes nothing.</span>
      <ConfirmDialog
        opened={asking}
        title={`Start this policy on ${view.host.name}?`}
        confirmLabel="Start the policy"
        onClose={() => setAsking(false)}
        onConfirm={start}
      >
        {describeDisconnect(mode)} Only clean pages of guests’ images are evicted.
        {policy?.ksm.mode === 'govern' && ` ${sideChannelWarning}`}
      </ConfirmDialog>
    </div>
  )
}
