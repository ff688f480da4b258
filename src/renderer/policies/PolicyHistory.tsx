// What policies decided on a host before: earlier runs, earlier sessions, and while nobody looked.
import { Fragment } from 'react'
import type { HostView, PolicyNote, PolicyRun } from '../../shared/contract/index.ts'
import { formatClock, formatMoment } from '../ui/moments.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import { Panel } from '../ui/Panel.tsx'
import classes from './policies.module.css'
import { usePolicyNotes } from './use-policy-notes.ts'

interface PolicyHistoryProps {
  readonly view: HostView
  readonly run: PolicyRun | undefined
}

/** Kept by the workbench for 90 days. The run under way shows its own decisions. */
export function PolicyHistory({ view, run }: PolicyHistoryProps) {
  const { notes, problem } = usePolicyNotes(view)
  const earlier = groupRuns((notes ?? []).filter(({ since }) => since !== run?.since))
  return (
    <Panel
      title="Earlier decisions"
      note="kept for 90 days, also of a service while nobody was connected"
      testId="policy-history"
    >
      {problem && <ProblemNotice attempt="Earlier decisions" problem={problem} />}
      {notes !== undefined && earlier.length === 0 && (
        <p className={classes.note}>{run ? 'No earlier run is known.' : 'No policy has run here yet.'}</p>
      )}
      <ol className={classes.decisions}>
        {earlier.map((notesOfRun) => (
          <Fragment key={notesOfRun[0]?.since}>
            <li className={classes.runHeading}>
              {formatMoment(notesOfRun.at(-1)?.at ?? 0)}, {notesOfRun[0]?.mode} mode
            </li>
            {notesOfRun.map(({ at, text }) => (
              <li key={`${at} ${text}`}>
                <span className={classes.time}>{formatClock(at)}</span>
                <span>{text}</span>
              </li>
            ))}
          </Fragment>
        ))}
      </ol>
    </Panel>
  )
}

/** Notes of one run beside each other; order stays, the newest first. */
function groupRuns(notes: readonly PolicyNote[]): PolicyNote[][] {
  const runs = new Map<number, PolicyNote[]>()
  for (const note of notes) runs.set(note.since, [...(runs.get(note.since) ?? []), note])
  return [...runs.values()]
}
