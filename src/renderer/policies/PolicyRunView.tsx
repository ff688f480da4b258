import { Progress } from '@mantine/core'
import { IconPlayerStop } from '@tabler/icons-react'
import { useMemo } from 'react'
import type { GuardReading, HostView, PolicyRound, PolicyRun } from '../../shared/contract/index.ts'
import { describeGuard, describeRest } from '../../shared/text/policy-text.ts'
import { TimeChart } from '../charts/TimeChart.tsx'
import { whyNoChange } from '../model/host-acts.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { formatClock, formatMoment } from '../ui/moments.ts'
import { Notice } from '../ui/Notice.tsx'
import { useAct } from '../ui/use-act.ts'
import { PolicyFacts } from './PolicyFacts.tsx'
import classes from './policies.module.css'

interface PolicyRunViewProps {
  readonly view: HostView
  readonly run: PolicyRun
  readonly onStopped: () => void
}

export function PolicyRunView({ view, run, onStopped }: PolicyRunViewProps) {
  const store = useStore()
  const act = useAct()
  const hostId = view.host.id
  const switching = useFleet((fleet) => fleet.switching.includes(hostId))
  const last = run.rounds.at(-1)
  const stop = () =>
    act.run('Stop the policy', async () => {
      await store.call('policies/stop', { hostId })
      onStopped()
    })
  return (
    <div className={classes.run} data-testid="policy-run">
      <div className={classes.acts}>
        <ActButton
          testId="policy-stop"
          icon={IconPlayerStop}
          busy={act.busy}
          refusal={whyNoChange(view, switching)}
          onClick={stop}
        >
          Stop and put everything back
        </ActButton>
        <span className={classes.note}>
          started {formatMoment(run.since)} by {run.who}
        </span>
      </div>
      {run.trouble && (
        <Notice tone="warn" title="The last round failed; the policy goes on">
          {run.trouble}
        </Notice>
      )}
      {run.resting && (
        <Notice tone="idle" title="The policy rests" testId="policy-resting">
          {describeRest(run.resting)}.
        </Notice>
      )}
      {last && <BacksOff guards={last.guards} />}
      {last === undefined && run.resting === undefined ? (
        <p className={classes.note}>Measuring what guests hold…</p>
      ) : (
        last && <PolicyFacts last={last} run={run} />
      )}
      {last && last.guards.length > 0 && (
        <>
          <h3 className={classes.heading}>Guards, and how close they are to their bounds</h3>
          <ul className={classes.guards}>
            {last.guards.map((guard) => (
              <Guard key={guard.name} guard={guard} />
            ))}
          </ul>
        </>
      )}
      <Rounds rounds={run.rounds} />
    </div>
  )
}

/** Guards that have tripped, and for how long the policy leaves pages alone because of them. */
function BacksOff({ guards }: { readonly guards: readonly GuardReading[] }) {
  const tripped = guards.filter(({ pausedSeconds }) => pausedSeconds !== undefined)
  if (tripped.length === 0) return null
  return (
    <Notice tone="warn" title="A guard has tripped: the policy backs off" testId="policy-backs-off">
      {tripped.map(describeGuard).join('. ')}. It leaves these pages alone until then, and longer each time.
    </Notice>
  )
}

function Guard({ guard }: { readonly guard: GuardReading }) {
  const nearness = guard.value === undefined || guard.bound === 0 ? 0 : Math.min(1, guard.value / guard.bound)
  return (
    <li className={classes.guard}>
      <span>{guard.name}</span>
      <Progress
        value={nearness * 100}
        color={
          guard.pausedSeconds !== undefined || nearness >= 1 ? 'red' : nearness > 0.7 ? 'yellow' : 'teal'
        }
        aria-label={describeGuard(guard)}
      />
      <span>{describeGuard(guard).slice(guard.name.length + 2)}</span>
    </li>
  )
}

function Rounds({ rounds }: { readonly rounds: readonly PolicyRound[] }) {
  const at = useMemo(() => rounds.map((round) => round.at), [rounds])
  const layers = useMemo(
    () => [
      {
        key: 'evicted',
        label: 'Evicted',
        color: 'var(--q-reclaimable)',
        values: rounds.map(({ evictedBytes }) => evictedBytes),
      },
      {
        key: 'returned',
        label: 'Came back',
        color: 'var(--q-double-cached)',
        values: rounds.map(({ returnedBytes }) => returnedBytes),
      },
      {
        key: 'cache',
        label: 'Image cache',
        color: 'var(--q-image-cache)',
        values: rounds.map(({ imageCacheBytes }) => imageCacheBytes),
      },
    ],
    [rounds],
  )
  const range = { from: at[0] ?? 0, to: Math.max(at.at(-1) ?? 1, (at[0] ?? 0) + 60_000) }
  return (
    <>
      <TimeChart
        title="Evicted and came back"
        note="since the start"
        unit="bytes"
        layers={layers}
        at={at}
        range={range}
        syncId="policy"
        empty="No round yet."
        testId="policy-chart"
      />
      <h3 className={classes.heading}>Last decisions</h3>
      <ol className={classes.decisions} data-testid="policy-decisions">
        {listDecisions(rounds).map(({ at: moment, text }) => (
          <li key={`${moment} ${text}`}>
            <span className={classes.time}>{formatClock(moment)}</span>
            <span>{text}</span>
          </li>
        ))}
      </ol>
    </>
  )
}

const maxDecisions = 40

/** The newest first; a sentence that stands since the round before is not told again. */
function listDecisions(rounds: readonly PolicyRound[]): { readonly at: number; readonly text: string }[] {
  const told = rounds.flatMap((round, index) => {
    const before = new Set(rounds[index - 1]?.decisions)
    return round.decisions.filter((text) => !before.has(text)).map((text) => ({ at: round.at, text }))
  })
  return told.slice(-maxDecisions).reverse()
}
