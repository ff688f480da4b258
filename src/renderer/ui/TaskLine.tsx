import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Task } from '../../shared/contract/index.ts'
import { formatRatio } from '../../shared/units.ts'
import { useStore } from '../store/use-fleet.ts'
import { formatSpan } from './moments.ts'
import classes from './TaskLine.module.css'
import { toastProblem } from './toasts.ts'
import { useNow } from './use-now.ts'

interface TaskLineProps {
  readonly task: Task
  readonly where?: ReactNode
}

/** A running task: what, where, how far, and the way to stop it. */
export function TaskLine({ task, where }: TaskLineProps) {
  const store = useStore()
  const now = useNow()
  const { progress } = task
  const known = progress?.fraction !== undefined
  const cancel = () =>
    store
      .call('tasks/cancel', { id: task.id })
      .catch((error: unknown) => toastProblem(`Cancel ${task.title}`, error))
  return (
    <div className={classes.task} data-testid="task" data-kind={task.kind}>
      <div>
        <b>{task.title}</b>
        {where && <> on {where}</>}
        <div className="cell-sub">
          {[progress?.step, progress?.detail, formatSpan(now - task.startedAt)].filter(Boolean).join(' · ')}
        </div>
      </div>
      <div
        className={classes.taskTrack}
        role="progressbar"
        aria-label={task.title}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(known
          ? { 'aria-valuenow': Math.round((progress?.fraction ?? 0) * 100) }
          : { 'data-unknown': true })}
      >
        <i style={known ? { width: formatRatio(progress?.fraction ?? 0).replace(' ', '') } : undefined} />
      </div>
      <Button size="compact-xs" variant="default" onClick={cancel}>
        Cancel
      </Button>
    </div>
  )
}
