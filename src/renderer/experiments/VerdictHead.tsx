// The headline of an experiment: the verdict in a sentence, and what is known of how it was reached.
import type { ReactNode } from 'react'
import type { ShownExperiment } from '../../shared/contract/index.ts'
import { experimentStates, metricWords } from '../../shared/text/experiment-text.ts'
import { formatMoment } from '../ui/moments.ts'
import { isOver, verdictTones } from './experiment-view.ts'
import classes from './experiments.module.css'

interface VerdictHeadProps {
  readonly shown: ShownExperiment
  readonly title: string
  readonly aside: ReactNode
}

export function VerdictHead({ shown, title, aside }: VerdictHeadProps) {
  const { result, state, why, startedAt, who, plan, hosts } = shown
  const tone = isOver(state) ? verdictTones[result.verdict.kind] : 'busy'
  const unsure = hosts.filter((host) => host.state === 'unconfirmed').map(({ name }) => name)
  return (
    <header className={classes.head} data-tone={tone}>
      <div className={classes.headText}>
        <h1 className={classes.verdict} data-testid="verdict" data-verdict={result.verdict.kind}>
          {isOver(state) ? '' : 'So far: '}
          {result.verdict.sentence}
        </h1>
        <p className={classes.note}>
          {title} · {metricWords[plan.metric]} · {hosts.map(({ name }) => name).join(', ')} · started{' '}
          {formatMoment(startedAt)} by {who} ·{' '}
          <span data-testid="experiment-state">
            {experimentStates[state]}
            {why === undefined ? '' : `: ${why}`}
          </span>
          {!isOver(state) && ' · the verdict is not final before the end'}
        </p>
        {unsure.length > 0 && (
          <p className={classes.refusal} role="status" data-testid="experiment-unconfirmed">
            Not confirmed that everything was put back on {unsure.join(', ')}: see the caveats.
          </p>
        )}
      </div>
      {aside}
    </header>
  )
}
