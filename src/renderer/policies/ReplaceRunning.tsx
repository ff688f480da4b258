// Beside a policy that the service runs: the editor for another one in its place.
import { IconReplace } from '@tabler/icons-react'
import { useState } from 'react'
import type { HostView, PolicyRun } from '../../shared/contract/index.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { PolicyEditor } from './PolicyEditor.tsx'
import classes from './policies.module.css'
import { describeRunning } from './replace-policy.ts'

interface ReplaceRunningProps {
  readonly view: HostView
  readonly run: PolicyRun
  readonly onReplaced: () => void
}

export function ReplaceRunning({ view, run, onReplaced }: ReplaceRunningProps) {
  const [isOpen, setIsOpen] = useState(false)
  const done = () => {
    setIsOpen(false)
    onReplaced()
  }
  return (
    <>
      <div className={classes.acts}>
        <ActButton
          testId="policy-other-editor"
          icon={IconReplace}
          busy={false}
          refusal={undefined}
          onClick={() => setIsOpen(!isOpen)}
        >
          {isOpen ? 'Keep this policy' : 'Replace it…'}
        </ActButton>
        <span className={classes.note}>by another one, which you are asked about before it starts</span>
      </div>
      {isOpen && (
        <PolicyEditor
          view={view}
          mode={{ mode: 'service' }}
          replaced={describeRunning(run)}
          onStarted={done}
        />
      )}
    </>
  )
}
