// Two experiments side by side: their questions, verdicts, pairs and estimates.
import type { ShownExperiment } from '../../shared/contract/index.ts'
import { describeArm, metricWords } from '../../shared/text/experiment-text.ts'
import { formatSeconds } from '../../shared/units.ts'
import { linkTo, type Route } from '../model/route.ts'
import { Awaited } from '../ui/Awaited.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Notice } from '../ui/Notice.tsx'
import { Panel } from '../ui/Panel.tsx'
import state from '../ui/state.module.css'
import { ComparisonTable } from './ComparisonTable.tsx'
import { titleOfExperiment, verdictTones, verdictWords } from './experiment-view.ts'
import classes from './experiments.module.css'
import { PairDots } from './PairDots.tsx'
import { useExperiment } from './use-experiments.ts'

export function ExperimentComparePage({ route: { query } }: { readonly route: Route }) {
  return (
    <main className="page" data-testid="experiment-compare-page">
      <h1 className="sr-only">Two experiments</h1>
      <div className={classes.columns}>
        {(['a', 'b'] as const).map((side) => {
          const id = query.get(side) ?? ''
          // By its id: while another one is read, the one before does not stand in its place.
          return <Side key={`${side} ${id}`} id={id} />
        })}
      </div>
    </main>
  )
}

function Side({ id }: { readonly id: string }) {
  const answer = useExperiment(id)
  if (id === '')
    return (
      <Notice tone="idle" title="No experiment is chosen here">
        Choose two in <a href={linkTo('experiments')}>Experiments</a>, then “Compare two”.
      </Notice>
    )
  return (
    <div>
      <Awaited answer={answer} attempt="Show the experiment" reading="the experiment" height={400}>
        {(shown) => <One shown={shown} />}
      </Awaited>
    </div>
  )
}

function One({ shown }: { readonly shown: ShownExperiment }) {
  const { plan, result, hosts } = shown
  const primary = result.fleet.find(({ metric }) => metric === plan.metric)
  return (
    <Panel
      title={titleOfExperiment(shown)}
      note={<a href={linkTo('experiment', { item: shown.id })}>{formatMoment(shown.startedAt)}</a>}
      testId="compared-experiment"
    >
      <div className={classes.side2}>
        <p className={classes.sideVerdict}>
          <span className={state.state} data-tone={verdictTones[result.verdict.kind]}>
            {verdictWords[result.verdict.kind]}
          </span>{' '}
          {result.verdict.sentence}
        </p>
        <p className={classes.note}>
          {hosts.map(({ name }) => name).join(', ')} · {metricWords[plan.metric]} · {plan.pairs} pairs of{' '}
          {formatSeconds(plan.phaseSeconds)} after {formatSeconds(plan.warmUpSeconds)} ·{' '}
          {describeArm(plan.arms[0])} · {describeArm(plan.arms[1])}
        </p>
        {primary && <PairDots comparison={primary} />}
        <ComparisonTable
          label="All metrics"
          rows={result.fleet.map((comparison) => ({ comparison }))}
          testId="compared-metrics"
        />
      </div>
    </Panel>
  )
}
