import { Textarea } from '@mantine/core'
import { IconArrowBackUp, IconArrowForwardUp } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { HostView, PolicyPreview } from '../../shared/contract/index.ts'
import { describePreview } from '../../shared/text/policy-text.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { EditorActs } from './EditorActs.tsx'
import type { ModeOnHost } from './mode-on-host.ts'
import { NamedPolicyBar } from './NamedPolicyBar.tsx'
import { PolicyForm } from './PolicyForm.tsx'
import classes from './policies.module.css'
import { readDraft, startingPolicies } from './policy-draft.ts'
import { useEdits } from './use-edits.ts'

interface PolicyEditorProps {
  readonly view: HostView
  /** Who would run it: this session, or the service of the host. */
  readonly mode: ModeOnHost
  /** What the service runs and who started it, where this policy is meant to take its place. */
  readonly replaced?: string
  readonly onStarted: () => void
}

export function PolicyEditor({ view, mode, replaced, onStarted }: PolicyEditorProps) {
  const edits = useEdits(startingPolicies.adaptive)
  const { text } = edits
  // Of the text as it was when the preview was asked for: it takes a while, and the text may be edited meanwhile.
  const [previewed, setPreviewed] = useState<{ readonly text: string; readonly preview: PolicyPreview }>()
  const preview = previewed?.text === text ? previewed.preview : undefined
  const draft = useMemo(() => readDraft(text), [text])
  return (
    <div className={classes.grid}>
      <div className={classes.form}>
        <NamedPolicyBar draft={draft} onEdit={edits.choose} />
        <PolicyForm draft={draft} view={view} onEdit={edits.choose} />
        <EditorActs
          view={view}
          mode={mode}
          draft={draft}
          replaced={replaced}
          onPreview={(found) => setPreviewed({ text, preview: found })}
          onStarted={onStarted}
        />
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
