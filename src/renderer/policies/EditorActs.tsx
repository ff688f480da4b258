// What is done with the policy of the editor: tried without a change, started, or put in the place of another.
import { IconListSearch, IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import type { HostView, Policy, PolicyPreview } from '../../shared/contract/index.ts'
import type { ProblemData } from '../../shared/problem.ts'
import { describeDisconnect } from '../../shared/text/service-text.ts'
import { sideChannelWarning } from '../../shared/text/side-channel-text.ts'
import { whyNoChange, whyNotNow } from '../model/host-acts.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { useAct } from '../ui/use-act.ts'
import type { ModeOnHost } from './mode-on-host.ts'
import classes from './policies.module.css'
import type { Draft } from './policy-draft.ts'
import { ReplaceOffer } from './ReplaceOffer.tsx'
import { explainReplace, refusedForOther } from './replace-policy.ts'

interface EditorActsProps {
  readonly view: HostView
  /** Who would run it: this session, or the service of the host. */
  readonly mode: ModeOnHost
  readonly draft: Draft
  /** What the service runs and who started it, where this policy is meant to take its place. */
  readonly replaced: string | undefined
  readonly onPreview: (preview: PolicyPreview) => void
  readonly onStarted: () => void
}

export function EditorActs(props: EditorActsProps) {
  const { view, mode, draft, replaced } = props
  const { policy } = draft
  const [asking, setAsking] = useState(false)
  const hostId = view.host.id
  const switching = useFleet((fleet) => fleet.switching.includes(hostId))
  const busy = view.tasks.some(({ kind }) => kind === 'policy')
  const noPolicy =
    policy === undefined ? 'The text is not a valid policy yet: see the error beside it.' : undefined
  const refusal = noPolicy ?? whyNoChange(view, switching) ?? (mode.mode === undefined ? mode.why : undefined)
  const { other, preview, start } = useEditorActs(props)
  return (
    <>
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
          refusal={refusal}
          onClick={() => setAsking(true)}
        >
          {replaced === undefined ? 'Start…' : 'Start instead…'}
        </ActButton>
        <span className={classes.note}>A preview changes nothing.</span>
      </div>
      {other && (
        <ReplaceOffer
          hostName={view.host.name}
          problem={other}
          busy={busy}
          refusal={refusal}
          onReplace={() => start(true)}
        />
      )}
      <StartDialog
        opened={asking}
        hostName={view.host.name}
        mode={mode}
        policy={policy}
        replaced={replaced}
        onClose={() => setAsking(false)}
        onConfirm={() => start(replaced !== undefined)}
      />
    </>
  )
}

interface StartDialogProps extends Pick<EditorActsProps, 'mode' | 'replaced'> {
  readonly opened: boolean
  readonly hostName: string
  readonly policy: Policy | undefined
  readonly onClose: () => void
  readonly onConfirm: () => void
}

function StartDialog({ opened, hostName, mode, policy, replaced, onClose, onConfirm }: StartDialogProps) {
  return (
    <ConfirmDialog
      opened={opened}
      title={`Start this policy on ${hostName}?`}
      confirmLabel={replaced === undefined ? 'Start the policy' : 'Replace the policy'}
      danger={replaced !== undefined}
      onClose={onClose}
      onConfirm={onConfirm}
    >
      {replaced !== undefined && `${explainReplace(replaced)} `}
      {mode.mode === undefined ? mode.why : describeDisconnect(mode.mode)} Only clean pages of guests’ images
      are evicted.
      {policy?.ksm.mode === 'govern' && ` ${sideChannelWarning}`}
    </ConfirmDialog>
  )
}

/** `other`: why the start was refused, where the service has another policy and the text is still the same. */
function useEditorActs({ view, draft: { policy }, onPreview, onStarted }: EditorActsProps) {
  const store = useStore()
  const { run } = useAct()
  const hostId = view.host.id
  const [refused, setRefused] = useState<{ policy: Policy; problem: ProblemData }>()
  const start = (replace: boolean) =>
    run('Start the policy', async () => {
      if (policy === undefined) return
      setRefused(undefined)
      const problem = await refusedForOther(() => store.call('policies/start', { hostId, policy, replace }))
      if (problem === undefined) onStarted()
      else setRefused({ policy, problem })
    })
  const preview = () =>
    run('Preview', async () => policy && onPreview(await store.call('policies/preview', { hostId, policy })))
  return { other: refused?.policy === policy ? refused?.problem : undefined, preview, start }
}
