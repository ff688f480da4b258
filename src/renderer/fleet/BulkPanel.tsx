// How an act on many hosts goes: one progress, and what came of it for each host.
import { Button, Group, Progress } from '@mantine/core'
import { useState } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { hostLink } from '../model/route.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { Panel } from '../ui/Panel.tsx'
import classes from './BulkPanel.module.css'
import { replaceable } from './bulk-acts.ts'
import type { Bulk, BulkResult, BulkRun } from './use-bulk.ts'

interface BulkPanelProps {
  readonly run: BulkRun
  readonly bulk: Bulk
  readonly views: readonly HostView[]
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

export function BulkPanel({ run, bulk, views }: BulkPanelProps) {
  const { act, results, isOver } = run
  const { title } = act
  const count = (state: BulkResult['state']) => results.filter((result) => result.state === state).length
  const ended = count('done') + count('failed') + count('left-out')
  const failed = count('failed')
  const sorted = results.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
  return (
    <Panel
      title={`${title}: ${ended} of ${results.length} hosts`}
      note={failed > 0 ? `${failed} failed` : isOver ? 'all done' : undefined}
      aside={
        <Group gap="xs">
          <ReplaceMany run={run} bulk={bulk} views={views} />
          <Button size="compact-xs" variant="default" onClick={isOver ? bulk.putAway : bulk.stop}>
            {isOver ? 'Close' : 'Cancel'}
          </Button>
        </Group>
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

/** Names whose policy ends on each host before it does. */
function ReplaceMany({ run, bulk, views }: BulkPanelProps) {
  const [asking, setAsking] = useState(false)
  const hosts = replaceable(run)
  const { replacing } = run.act
  if (hosts.length === 0 || replacing === undefined) return null
  const chosen = views.filter(({ host }) => hosts.some(({ hostId }) => hostId === host.id))
  const count = `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`
  return (
    <>
      <Button size="compact-xs" variant="default" data-testid="bulk-replace" onClick={() => setAsking(true)}>
        Replace on {count}…
      </Button>
      <ConfirmDialog
        opened={asking}
        title={`Replace the policy on ${count}?`}
        confirmLabel="Replace the policy"
        danger
        onClose={() => setAsking(false)}
        onConfirm={() => bulk.start(replacing, chosen)}
      >
        Each of these policies ends, and the other one runs in its place, also after a reboot.
        <ul className={classes.results}>
          {hosts.map(({ hostId, name, problem }) => (
            <li key={hostId}>
              <b>{name}</b> {problem?.message}
            </li>
          ))}
        </ul>
      </ConfirmDialog>
    </>
  )
}
