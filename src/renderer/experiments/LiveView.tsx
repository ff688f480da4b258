// What happens now: the phase of each host, how far all is, how long it still takes.
import { Progress } from '@mantine/core'
import type { ShownExperiment } from '../../shared/contract/index.ts'
import { describePhase, describeRemaining, experimentStates } from '../../shared/text/experiment-text.ts'
import { hostLink } from '../model/route.ts'
import { Panel } from '../ui/Panel.tsx'
import classes from './experiments.module.css'
import { useExperiments } from './use-experiments.ts'

export function LiveView({ shown }: { readonly shown: ShownExperiment }) {
  const summary = useExperiments().value?.find(({ id }) => id === shown.id)
  const progress = summary?.progress ?? 0
  return (
    <Panel
      title="Now"
      note={summary && `${experimentStates[shown.state]}, ${describeRemaining(summary.remainingSeconds)}`}
      testId="experiment-live"
    >
      <Progress value={progress * 100} aria-label={`${Math.round(progress * 100)} % of the phases`} />
      <ul className={classes.live}>
        {shown.hosts.map((host) => {
          const last = host.phases.at(-1)
          return (
            <li key={host.hostId}>
              <a href={hostLink(host.hostId)}>{host.name}</a>{' '}
              <span aria-live="polite">{last ? describePhase(last, shown.plan.arms) : host.state}</span>
              {host.detail && <span className={classes.refusal}> {host.detail}</span>}
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}
