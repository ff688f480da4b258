// What policies decided on a host before: earlier runs, earlier sessions, and while nobody looked.
import { Fragment } from 'react'
import type { HostView, PolicyNote, PolicyRun } from '../../shared/contract/index.ts'
import { Awaited } from '../ui/Awaited.tsx'
import { formatClock, formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import classes from './policies.module.css'
import { usePolicyNotes } from './use-policy-notes.ts'

interface PolicyHistoryProps {
  readonly view: HostView
  readonly run: PolicyRun | undefined
}

/** Kept by the workbench for 90 days. The run under way shows its own decisions. */
export function PolicyHistory({ view, run }: PolicyHistoryProps) {
  const answer = usePolicyNotes(view)
  return (
    <Panel
      title="Earlier decisions"
      note="kept for 90 days; a service adds its own while nobody is connected"
      testId="policy-history"
    >
      <Awaited answer={answer} attempt="Read earlier decisions" reading="earlier decisions" height={60}>
        {(notes) => <EarlierRuns notes={notes} run={run} />}
      </Awaited>
    </Panel>
  )
}

interface EarlierRunsProps {
  readonly notes: readonly PolicyNote[]
  readonly run: PolicyRun | undefined
}

function EarlierRuns({ notes, run }: EarlierRunsProps) {
  const earlier = groupRuns(notes.filter(({ since }) => since !== run?.since))
  if (earlier.length === 0)
    return <p className={classes.note}>{run ? 'No earlier run is known.' : 'No policy has run here yet.'}</p>
  return (
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
  )
}

/** Notes of one run beside each other; order stays, the newest first. */
function groupRuns(notes: readonly PolicyNote[]): PolicyNote[][] {
  const runs = new Map<number, PolicyNote[]>()
  for (const note of notes) runs.set(note.since, [...(runs.get(note.since) ?? []), note])
  return [...runs.values()]
}
