// One experiment: the verdict first, then every pair, tables, charts with its phases, method and caveats.
import { Button, Skeleton } from '@mantine/core'
import type { ShownExperiment } from '../../shared/contract/index.ts'
import { describeInterval, describeMethod, describeRatio } from '../../shared/text/experiment-text.ts'
import { linkTo, type Route } from '../model/route.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import { Panel } from '../ui/Panel.tsx'
import { ComparisonTable } from './ComparisonTable.tsx'
import { ExperimentActs } from './ExperimentActs.tsx'
import { isOver, titleOfExperiment } from './experiment-view.ts'
import classes from './experiments.module.css'
import { LiveView } from './LiveView.tsx'
import { PairDots } from './PairDots.tsx'
import { PhaseCharts } from './PhaseCharts.tsx'
import { PhaseTable } from './PhaseTable.tsx'
import { useExperiment } from './use-experiments.ts'
import { VerdictHead } from './VerdictHead.tsx'

export function ExperimentPage({ route }: { readonly route: Route }) {
  const { value: shown, problem } = useExperiment(route.item)
  return (
    <main className="page" data-testid="experiment-page">
      {problem && (
        <ProblemNotice
          attempt="Show the experiment"
          problem={problem}
          aside={
            <Button component="a" href={linkTo('experiments')} size="xs" variant="default">
              All experiments
            </Button>
          }
        />
      )}
      {shown === undefined && problem === undefined && (
        <Skeleton role="status" height={480} aria-label="Loading the experiment" />
      )}
      {shown && <Experiment shown={shown} />}
    </main>
  )
}

function Experiment({ shown }: { readonly shown: ShownExperiment }) {
  const { plan, result } = shown
  const primary = result.fleet.find(({ metric }) => metric === plan.metric)
  return (
    <>
      <VerdictHead shown={shown} title={titleOfExperiment(shown)} aside={<ExperimentActs shown={shown} />} />
      {!isOver(shown.state) && <LiveView shown={shown} />}
      <div className={classes.columns}>
        <Panel title="Every pair" note="ratio of B to A" testId="pair-dots">
          {primary ? <PairDots comparison={primary} /> : <p className="missing">No pair is complete yet.</p>}
          {result.overHosts && (
            <p className={classes.note}>
              Geometric mean over {result.overHosts.hosts} hosts: {describeRatio(result.overHosts.ratio)}
              {result.overHosts.interval &&
                `, bootstrap over hosts ${describeInterval(result.overHosts.interval)}`}
            </p>
          )}
        </Panel>
        <Panel title="All metrics" note="of all hosts, the primary metric first" flush>
          <ComparisonTable
            label="All metrics"
            rows={result.fleet.map((comparison) => ({ comparison }))}
            testId="metrics"
          />
        </Panel>
      </div>
      <Panel title="Guests and hosts" note="by each metric" flush>
        <ComparisonTable label="Guests and hosts" rows={rowsOf(shown)} testId="guest-comparisons" />
      </Panel>
      <PhaseCharts shown={shown} />
      <div className={classes.columns}>
        <Panel title="Method">
          <Lines of={describeMethod(plan)} />
        </Panel>
        <Panel title="Caveats">
          <Lines of={result.caveats} />
        </Panel>
      </div>
      <PhaseTable shown={shown} />
    </>
  )
}

function rowsOf({ hosts, result }: ShownExperiment) {
  return result.hosts.flatMap(({ hostId, comparisons, guests }) => {
    const host = hosts.find((one) => one.hostId === hostId)?.name ?? hostId
    return [
      ...guests.flatMap(({ name, comparisons: all }) =>
        all.map((comparison) => ({ name: `${host}: ${name}`, comparison })),
      ),
      ...comparisons.map((comparison) => ({ name: host, comparison })),
    ]
  })
}

function Lines({ of: lines }: { readonly of: readonly string[] }) {
  return (
    <ul className={classes.lines}>
      {[...new Set(lines)].map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}
