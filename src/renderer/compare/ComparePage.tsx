// One quantity on several hosts, or on one before and after a moment. The address holds the whole view.
import { Skeleton } from '@mantine/core'
import { metricTitle } from '../../shared/figures/metric-title.ts'
import { TimeChart } from '../charts/TimeChart.tsx'
import { lineColors } from '../design/quantities.ts'
import { baseOf, withChoice } from '../history/ranges.ts'
import { linkTo, type Route, showInstead } from '../model/route.ts'
import { ExportMenu } from '../reports/ExportMenu.tsx'
import { useFleet } from '../store/use-fleet.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import { Panel } from '../ui/Panel.tsx'
import { RetryButton } from '../ui/RetryButton.tsx'
import { UnderWay } from '../ui/UnderWay.tsx'
import { CompareControls } from './CompareControls.tsx'
import { ComparedTable } from './ComparedTable.tsx'
import classes from './compare.module.css'
import { choiceFrom } from './compare-query.ts'
import type { ComparisonState } from './read-comparison.ts'
import { SpansTable } from './SpansTable.tsx'
import { useComparison } from './use-comparison.ts'

export function ComparePage({ route: { query } }: { readonly route: Route }) {
  const search = query.toString()
  const choice = choiceFrom(query)
  const { shown, problem, reading, cancel, again } = useComparison(search)
  const none = choice.hostIds.length === 0
  return (
    <main className="page" data-testid="compare-page">
      <h1 className="sr-only">Compare</h1>
      <Panel
        title="Compare"
        aside={
          <ExportMenu
            hostIds={choice.hostIds}
            subject={`${choice.hostIds.length} compared`}
            compared={choice}
          />
        }
      >
        <CompareControls query={query} choice={choice} />
        {none && <HostsToChoose />}
      </Panel>
      {!none && reading && (
        <div className={classes.reading}>
          <UnderWay {...reading} onCancel={cancel} testId="compare-progress" />
          {shown && <span className="panel-note">These figures belong to the previous choice.</span>}
        </div>
      )}
      {!none && problem && (
        <ProblemNotice
          problem={problem}
          attempt="Read the history"
          aside={<RetryButton onRetry={again}>Read it again</RetryButton>}
        />
      )}
      {!none && !shown && !problem && (
        <Skeleton role="status" height={320} aria-label="Reading the history" />
      )}
      {!none && shown && <Compared shown={shown} choice={choice} query={query} />}
    </main>
  )
}

function HostsToChoose() {
  const count = useFleet(({ hosts }) => hosts?.length)
  if (count === undefined) return <Skeleton role="status" height={18} mt={8} aria-label="Loading the hosts" />
  return (
    <p className={classes.hint}>
      {count === 0
        ? 'Add a host first: there is nothing to compare.'
        : 'Choose hosts to compare. The address then holds this view: keep it or send it.'}
    </p>
  )
}

interface ComparedProps {
  readonly shown: ComparisonState
  readonly choice: ReturnType<typeof choiceFrom>
  readonly query: URLSearchParams
}

function Compared({ shown, choice, query }: ComparedProps) {
  const { view, at, range, around } = shown
  const title = metricTitle(shown.metric)
  const per = { host: undefined, gib: 'per GiB of guest RAM', baseline: 'relative to the first tenth' }[
    shown.per
  ]
  const layers = view.lines.map(({ key, name, values }, index) => ({
    key,
    label: name,
    color: lineColors[index % lineColors.length] ?? 'var(--q-line-1)',
    values,
  }))
  const chart = {
    unit: view.unit,
    at,
    range,
    syncId: 'compare',
    empty: 'Nothing was recorded in this range.',
    ...(per !== undefined && { note: per }),
    onZoom: (next: typeof range) => showInstead(linkTo('compare', { query: withChoice(query, next) })),
    onReset: () => showInstead(linkTo('compare', { query: withChoice(query, baseOf(query)) })),
  }
  return (
    <>
      {choice.as === 'overlay' ? (
        <TimeChart {...chart} title={title} layers={layers} height={300} testId="compare-chart" />
      ) : (
        <div className="grid-2">
          {layers.map((layer) => (
            <TimeChart
              {...chart}
              key={layer.key}
              title={layer.label}
              note={title}
              layers={[layer]}
              height={140}
              testId="compare-multiple"
            />
          ))}
        </div>
      )}
      <ComparedTable view={view} />
      {around && <SpansTable key={`${around.hostId} ${around.before.from}`} {...around} />}
    </>
  )
}
