import { IconCircleCheck, IconCircleDashed, IconCircleX, IconLoader2 } from '@tabler/icons-react'
import type { TestStep } from '../../shared/contract/index.ts'
import { formatSeconds } from '../../shared/units.ts'
import { problemTitles } from '../model/problem-titles.ts'
import notice from '../ui/notice.module.css'
import classes from './connection-test.module.css'
import { stageTitles } from './stage-titles.ts'

const states = {
  ok: { Icon: IconCircleCheck, label: 'ok' },
  failed: { Icon: IconCircleX, label: 'failed' },
  skipped: { Icon: IconCircleDashed, label: 'skipped' },
  running: { Icon: IconLoader2, label: 'running' },
} as const

/** Every step with its state, duration and findings; a failed one with its cause and the way out. */
export function TestSteps({ steps }: { readonly steps: readonly TestStep[] }) {
  const hops = new Set(steps.flatMap(({ stage, on }) => (stage === 'tcp' ? [on] : [])))
  const reached = steps.filter((step) => !isUnreached(step))
  const unreached = steps.filter(isUnreached)
  return (
    <ol className={classes.steps} aria-label="Steps of the connection" data-testid="test-steps">
      {reached.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever appended.
        <Step key={index} step={step} withHop={hops.size > 1} />
      ))}
      {unreached.length > 0 && (
        <li className={classes.step} data-state="skipped">
          <IconCircleDashed size={16} className={classes.icon} aria-hidden />
          <span className="cell-sub">
            Not reached: {unreached.map(({ stage }) => stageTitles[stage]).join(', ')}
          </span>
        </li>
      )}
    </ol>
  )
}

/** After a failure: all that can be said of them is their name. */
function isUnreached({ state, facts }: TestStep): boolean {
  return state === 'skipped' && facts[0] === 'not reached'
}

function Step({ step, withHop }: { readonly step: TestStep; readonly withHop: boolean }) {
  const { stage, on, state, seconds, facts, problem } = step
  const { Icon, label } = states[state]
  return (
    <li className={classes.step} data-stage={stage} data-state={state}>
      <Icon size={16} className={classes.icon} aria-hidden />
      <div className={classes.content}>
        <b>{stageTitles[stage]}</b> <span className={classes.state}>{label}</span>
        {withHop && <span className="cell-sub"> {on}</span>}
        {facts.length > 0 && <span className={classes.stepFact}> {facts.join(' · ')}</span>}
        {problem && (
          <div className={`${notice.notice} ${classes.problem}`} data-tone="bad" role="alert">
            <div>
              <b>{problemTitles[problem.code]}.</b> <span className={notice.text}>{problem.message}</span>
              {problem.remedy && (
                <div className={`${notice.text} ${classes.remedy}`}>
                  <b>What to do: </b>
                  {problem.remedy}
                </div>
              )}
            </div>
          </div>
        )}
      </div>
      <span className="cell-sub">{seconds === undefined ? '' : formatSeconds(seconds)}</span>
    </li>
  )
}
