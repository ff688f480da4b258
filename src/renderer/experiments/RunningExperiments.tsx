// The experiments under way, each as one line, with the way to its page.
import { Progress } from '@mantine/core'
import { describeRemaining, experimentStates } from '../../shared/text/experiment-text.ts'
import { linkTo } from '../model/route.ts'
import panel from '../ui/panel.module.css'
import { isOver, titleOfExperiment } from './experiment-view.ts'
import classes from './experiments.module.css'
import { useExperiments } from './use-experiments.ts'

export function RunningExperiments() {
  const { value: experiments } = useExperiments()
  const running = experiments?.filter(({ state }) => !isOver(state)) ?? []
  if (running.length === 0) return null
  return (
    <section
      className={`${panel.panel} ${panel.body} ${classes.running}`}
      aria-label="Experiments"
      data-testid="running-experiments"
    >
      {running.map((one) => {
        const line = `${experimentStates[one.state]} on ${one.hostNames.join(', ')}, ${describeRemaining(one.remainingSeconds)}`
        return (
          <div key={one.id}>
            <a href={linkTo('experiment', { item: one.id })}>{titleOfExperiment(one)}</a>{' '}
            <span className={classes.note}>{line}</span>
            <Progress value={one.progress * 100} aria-label={line} />
          </div>
        )
      })}
    </section>
  )
}
