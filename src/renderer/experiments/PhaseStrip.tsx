// Phases on the time axis of a chart: arm by colour and letter, those that are not valid hatched.
import type { ExperimentArm, ExperimentPhase } from '../../shared/contract/index.ts'
import { describePhase } from '../../shared/text/experiment-text.ts'
import { armLetters, spanOf } from './experiment-view.ts'
import classes from './experiments.module.css'

interface PhaseStripProps {
  readonly phases: readonly ExperimentPhase[]
  readonly arms: readonly [ExperimentArm, ExperimentArm]
  readonly range: { readonly from: number; readonly to: number }
  readonly now: number
}

export function PhaseStrip({ phases, arms, range, now }: PhaseStripProps) {
  const share = (at: number) => Math.max(0, Math.min(1, (at - range.from) / (range.to - range.from))) * 100
  return (
    <div
      className={classes.strip}
      role="img"
      aria-label={`Phases: A is ${arms[0].name}, B is ${arms[1].name}`}
    >
      {phases.map((phase) => {
        const { from, to } = spanOf(phase, now)
        return (
          <span
            key={`${phase.pair} ${phase.attempt} ${phase.arm}`}
            className={`${classes.span} ${classes.arm}`}
            data-arm={armLetters[phase.arm]}
            data-invalid={phase.state === 'invalid' || undefined}
            title={describePhase(phase, arms)}
            style={{ left: `${share(from)}%`, width: `${share(to) - share(from)}%` }}
          >
            {armLetters[phase.arm]}
          </span>
        )
      })}
    </div>
  )
}
