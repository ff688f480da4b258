// How an act on many hosts goes: one progress, and what came of it for each host.
import { Button, Progress } from '@mantine/core'
import { hostLink } from '../model/route.ts'
import { Panel } from '../ui/Panel.tsx'
import classes from './BulkPanel.module.css'
import type { BulkResult, BulkRun } from './use-bulk.ts'

interface BulkPanelProps {
  readonly run: BulkRun
  readonly onStop: () => void
  readonly onPutAway: () => void
}

const words: Readonly<Record<BulkResult['state'], string>> = {
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  failed: 'failed',
  'left-out': 'left out',
}
/** What needs a look comes first. */
const order: readonly BulkResult['state'][] = ['failed', 'left-out', 'running', 'waiting', 'done']

export function BulkPanel({ run, onStop, onPutAway }: BulkPanelProps) {
  const { title, results, isOver } = run
  const count = (state: BulkResult['state']) => results.filter((result) => result.state === state).length
  const ended = count('done') + count('failed') + count('left-out')
  const failed = count('failed')
  const sorted = results.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
  return (
    <Panel
      title={`${title}: ${ended} of ${results.length} hosts`}
      note={failed > 0 ? `${failed} failed` : isOver ? 'all done' : undefined}
      aside={
        <Button size="compact-xs" variant="default" onClick={isOver ? onPutAway : onStop}>
          {isOver ? 'Close' : 'Cancel'}
        </Button>
      }
      testId="bulk"
    >
      <Progress
        value={(100 * ended) / Math.max(1, results.length)}
        color={failed > 0 ? 'orange' : 'teal'}
        aria-label={`${title}: ${ended} of ${results.length} hosts have ended`}
      />
      <ul className={classes.results} data-testid="bulk-results">
        {sorted.map(({ hostId, name, state, text, problem }) => (
          <li key={hostId} data-state={state}>
            <a href={hostLink(hostId)}>{name}</a> <b>{words[state]}</b>{' '}
            <span className="cell-sub">
              {problem ? [problem.message, problem.remedy].filter(Boolean).join(' ') : text}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
