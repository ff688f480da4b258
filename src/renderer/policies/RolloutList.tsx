// The roll-outs: how far each is, what became of each host, why it stopped, and the way to stop it.
import { Progress } from '@mantine/core'
import { IconPlayerStop } from '@tabler/icons-react'
import type { Rollout } from '../../shared/contract/index.ts'
import { describeRollout, stateOfRolloutHost } from '../../shared/text/rollout-text.ts'
import { hostLink } from '../model/route.ts'
import type { Tone } from '../model/tone.ts'
import { useStore } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Awaited } from '../ui/Awaited.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import state from '../ui/state.module.css'
import { useAct } from '../ui/use-act.ts'
import classes from './policies.module.css'
import { progressOfRollout, titleOfRollout } from './rollout-view.ts'
import { useRollouts } from './use-policy-library.ts'

export function RolloutList() {
  return (
    <Awaited answer={useRollouts()} attempt="List the roll-outs" reading="the roll-outs" height={80}>
      {(rollouts) =>
        rollouts.length === 0 ? (
          <p className={classes.note}>No policy has been rolled out yet.</p>
        ) : (
          rollouts.map((rollout) => <RolloutPanel key={rollout.id} rollout={rollout} />)
        )
      }
    </Awaited>
  )
}

function RolloutPanel({ rollout }: { readonly rollout: Rollout }) {
  const store = useStore()
  const act = useAct()
  const { id, hosts, startedAt, who } = rollout
  const stages = [...new Set(hosts.map(({ stage }) => stage))]
  const canStop = rollout.state === 'running' || (rollout.state === 'done' && hosts.some(isRunning))
  return (
    <Panel
      title={titleOfRollout(rollout)}
      note={`started ${formatMoment(startedAt)} by ${who}`}
      testId="rollout"
      aside={
        canStop && (
          <ActButton
            testId="rollout-stop"
            icon={IconPlayerStop}
            busy={act.busy}
            refusal={undefined}
            onClick={() => act.run('Stop the roll-out', () => store.call('rollouts/stop', { id }))}
          >
            Stop and put everything back
          </ActButton>
        )
      }
    >
      <div className={classes.run}>
        <p className={classes.rolloutState} data-testid="rollout-state" aria-live="polite">
          {describeRollout(rollout)}
        </p>
        {rollout.state !== 'stopped' && (
          <Progress value={progressOfRollout(rollout) * 100} aria-label={describeRollout(rollout)} />
        )}
        {stages.map((stage) => (
          <StageRow key={stage} rollout={rollout} stage={stage} />
        ))}
      </div>
    </Panel>
  )
}

function StageRow({ rollout, stage }: { readonly rollout: Rollout; readonly stage: number }) {
  return (
    <section aria-label={`Stage ${stage + 1}`}>
      <h3 className={classes.stageHeading}>Stage {stage + 1}</h3>
      <ul className={classes.stageHosts}>
        {rollout.hosts
          .filter((host) => host.stage === stage)
          .map((host) => (
            <li key={host.hostId} data-testid="rollout-host">
              <a href={hostLink(host.hostId, 'hostPolicy')}>{host.name}</a>
              <span className={state.state} data-tone={tones[host.state]}>
                {stateOfRolloutHost(host)}
              </span>
              {host.detail && <span className={classes.note}>{host.detail}</span>}
            </li>
          ))}
      </ul>
    </section>
  )
}

const tones: Readonly<Record<Rollout['hosts'][number]['state'], Tone>> = {
  waiting: 'idle',
  starting: 'busy',
  running: 'good',
  stopping: 'busy',
  restored: 'idle',
  unconfirmed: 'warn',
  replaced: 'warn',
  refused: 'bad',
  ended: 'idle',
}

function isRunning({ state: hostState }: Rollout['hosts'][number]): boolean {
  return hostState === 'running'
}
