import { Textarea } from '@mantine/core'
import { IconArrowBackUp, IconArrowForwardUp, IconListSearch, IconPlayerPlay } from '@tabler/icons-react'
import { useEffect, useMemo, useState } from 'react'
import type { HostView, PolicyPreview } from '../../shared/contract/index.ts'
import { describePreview } from '../../shared/text/policy-text.ts'
import { describeDisconnect } from '../../shared/text/service-text.ts'
import { sideChannelWarning } from '../../shared/text/side-channel-text.ts'
import { whyNoChange, whyNotNow } from '../model/host-acts.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { useAct } from '../ui/use-act.ts'
import type { ModeOnHost } from './mode-on-host.ts'
import { NamedPolicyBar } from './NamedPolicyBar.tsx'
import { PolicyForm } from './PolicyForm.tsx'
import classes from './policies.module.css'
import { type Draft, readDraft, startingPolicies } from './policy-draft.ts'
import { useEdits } from './use-edits.ts'

interface PolicyEditorProps {
  readonly view: HostView
  /** Who would run it: this session, or the service of the host. */
  readonly mode: ModeOnHost
  readonly onStarted: () => void
}

export function PolicyEditor({ view, mode, onStarted }: PolicyEditorProps) {
  const edits = useEdits(startingPolicies.adaptive)
  const { text } = edits
  const [preview, setPreview] = useState<PolicyPreview>()
  const draft = useMemo(() => readDraft(text), [text])
  // What was previewed is another policy by now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text decides, whoever changed it.
  useEffect(() => setPreview(undefined), [text])
  return (
    <div className={classes.grid}>
      <div className={classes.form}>
        <NamedPolicyBar draft={draft} onEdit={edits.choose} />
        <PolicyForm draft={draft} view={view} onEdit={edits.choose} />
        <EditorActs view={view} mode={mode} draft={draft} onPreview={setPreview} onStarted={onStarted} />
      </div>
      <div className={classes.form}>
        <EditHistory edits={edits} />
        <Textarea
          label="The policy as JSON"
          description="Keys that are left out take their defaults; docs/policies.md lists every key."
          className={classes.text}
          autosize
          minRows={8}
          maxRows={18}
          value={text}
          error={draft.error}
          onChange={(event) => edits.type(event.currentTarget.value)}
          onKeyDown={edits.onKey}
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

function EditHistory({ edits }: { readonly edits: ReturnType<typeof useEdits> }) {
  return (
    <div className={classes.acts}>
      <ActButton
        testId="policy-undo"
        icon={IconArrowBackUp}
        busy={false}
        refusal={edits.canUndo ? undefined : 'Nothing was edited yet.'}
        onClick={edits.undo}
      >
        Undo
      </ActButton>
      <ActButton
        testId="policy-redo"
        icon={IconArrowForwardUp}
        busy={false}
        refusal={edits.canRedo ? undefined : 'Nothing was undone.'}
        onClick={edits.redo}
      >
        Redo
      </ActButton>
      <span className={classes.note}>of the form and of the text</span>
    </div>
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
        refusal={noPolicy ?? whyNoChange(view, switching) ?? (mode.mode === undefined ? mode.why : undefined)}
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
        {mode.mode === undefined ? mode.why : describeDisconnect(mode.mode)} Only clean pages of guests’
        images are evicted.
        {policy?.ksm.mode === 'govern' && ` ${sideChannelWarning}`}
      </ConfirmDialog>
    </div>
  )
}
