import type { HostView } from '../../shared/contract/index.ts'
import { OldFiguresNotice } from '../host-parts/OldFiguresNotice.tsx'
import { isBlocked, problemOf } from '../model/host-state.ts'
import { useStore } from '../store/use-fleet.ts'
import { formatSpan } from '../ui/moments.ts'
import { Notice, ProblemNotice } from '../ui/Notice.tsx'
import { RetryButton } from '../ui/RetryButton.tsx'
import { useAct } from '../ui/use-act.ts'
import { useNow } from '../ui/use-now.ts'
import classes from './HostNotices.module.css'

/** What keeps this host from being measured, or limits it. */
export function HostNotices({ view }: { readonly view: HostView }) {
  const unread = [...(view.latest?.unreadable ?? []), ...(view.assessment?.unreadable ?? [])]
  const limits = view.hello?.limits ?? []
  return (
    <>
      <ConnectionProblem view={view} />
      <OldFiguresNotice view={view} />
      {view.problem && <ProblemNotice problem={view.problem} testId="host-problem" />}
      <ClockNotice aheadSeconds={view.clockAheadSeconds} />
      {limits.length > 0 && (
        <Notice tone="warn" title="Limited view" testId="limits">
          {limits.join('\n')}
        </Notice>
      )}
      {view.latest?.ksm?.burst?.state === 'unwatched' && (
        <Notice tone="warn" title="Nothing will end this scan of KSM" testId="burst-unwatched">
          The helper that would have ended this burst is gone. What to do: KSM → Stop scanning; what is merged
          stays merged.
        </Notice>
      )}
      {unread.length > 0 && (
        <Notice tone="warn" title={`${unread.length} could not be read`} testId="unreadable">
          {unread
            .slice(0, 5)
            .map(({ problem }) => problem.message)
            .join('\n')}
          {unread.length > 5 && `\n… and ${unread.length - 5} more`}
        </Notice>
      )}
    </>
  )
}

/** Below this, the difference is no more than what a round trip over a slow line may take. */
const clocksAgreeSeconds = 5

function ClockNotice({ aheadSeconds = 0 }: { readonly aheadSeconds: number | undefined }) {
  if (Math.abs(aheadSeconds) <= clocksAgreeSeconds) return null
  const difference = `${formatSpan(Math.abs(aheadSeconds) * 1000)} ${aheadSeconds > 0 ? 'ahead of' : 'behind'}`
  return (
    <Notice tone="warn" title="The clocks differ" testId="clock-difference">
      The clock of this host is {difference} the clock of the workbench. All times shown here and in reports
      are the workbench’s; the host’s own audit has the host’s time.
    </Notice>
  )
}

function ConnectionProblem({ view }: { readonly view: HostView }) {
  const store = useStore()
  const now = useNow()
  const { busy, run } = useAct()
  const { connection, host } = view
  const problem = problemOf(connection)
  if (!problem) return null
  const blocked = isBlocked(problem)
  const waitSeconds =
    connection.state === 'waiting' ? Math.max(0, Math.ceil((connection.retryAt - now) / 1000)) : undefined
  const aside = (
    <div className={classes.retry}>
      {waitSeconds !== undefined && <span className="cell-sub">next attempt in {waitSeconds} s</span>}
      <RetryButton
        busy={busy}
        onRetry={() => run('Connect', () => store.call('hosts/connect', { hostId: host.id }))}
      >
        {blocked ? 'Check again' : 'Try again'}
      </RetryButton>
    </div>
  )
  return (
    <ProblemNotice
      problem={problem}
      {...(blocked && { attempt: 'Blocked' })}
      aside={aside}
      testId={blocked ? 'blocked' : 'connection-problem'}
    />
  )
}
