// The roll-outs under way, each as one line, with the way to its page.
import { Progress } from '@mantine/core'
import { describeRollout } from '../../shared/text/rollout-text.ts'
import { linkTo } from '../model/route.ts'
import panel from '../ui/panel.module.css'
import classes from './policies.module.css'
import { progressOfRollout, titleOfRollout } from './rollout-view.ts'
import { useRollouts } from './use-policy-library.ts'

export function RunningRollouts() {
  const { value: rollouts } = useRollouts()
  const running = rollouts?.filter(({ state }) => state === 'running' || state === 'stopping') ?? []
  if (running.length === 0) return null
  return (
    <section
      className={`${panel.panel} ${panel.body} ${classes.named}`}
      aria-label="Roll-outs"
      data-testid="rollouts"
    >
      {running.map((rollout) => (
        <div key={rollout.id}>
          <a href={linkTo('policies')}>{titleOfRollout(rollout)}</a>{' '}
          <span className={classes.note}>{describeRollout(rollout)}</span>
          <Progress value={progressOfRollout(rollout) * 100} aria-label={describeRollout(rollout)} />
        </div>
      ))}
    </section>
  )
}
