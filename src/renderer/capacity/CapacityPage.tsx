// Capacity of the fleet: how many more guests each host carries, now and under a policy, with the bad day beside it.
import { Skeleton } from '@mantine/core'
import { useMemo } from 'react'
import type { CapacityAnswer, HostView } from '../../shared/contract/index.ts'
import { describeWhenAllBreak, resourceNames, wholeGuests } from '../../shared/text/capacity-text.ts'
import { hostLink, linkTo, type Route, showInstead } from '../model/route.ts'
import { useFleet } from '../store/use-fleet.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { ProblemNotice } from '../ui/Notice.tsx'
import { Panel } from '../ui/Panel.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import { Answer } from './Answer.tsx'
import { CapacityControls } from './CapacityControls.tsx'
import classes from './capacity.module.css'
import { type HostEstimate, useCapacity } from './use-capacity.ts'
import { useQuestion, whyNotAsked, withChoice } from './use-question.ts'

interface CapacityRow {
  readonly view: HostView
  readonly estimate: HostEstimate | undefined
}

export function CapacityPage({ route: { query } }: { readonly route: Route }) {
  const views = useFleet(({ hosts }) => hosts)
  const { byHost, busy, step, make, cancel } = useCapacity()
  const { policies, policyName, problem, like, policy } = useQuestion(query)
  const connected = (views ?? []).filter(({ connection }) => connection.state === 'connected')
  const rows = useMemo(
    () => (views ?? []).map((view): CapacityRow => ({ view, estimate: byHost.get(view.host.id) })),
    [views, byHost],
  )
  const ask = (anew: boolean) => {
    const hostIds = connected.map(({ host }) => host.id)
    void make(hostIds, { like, policy, anew })
  }
  return (
    <main className="page" data-testid="capacity-page">
      <h1 className="sr-only">Capacity</h1>
      <Panel title="More guests on the same hosts">
        <CapacityControls
          guests={connected.flatMap(({ latest }) => latest?.guests.map(({ name }) => name) ?? [])}
          {...{ policies, policyName, like, busy, step }}
          refusal={connected.length > 0 ? whyNotAsked({ policyName, policy }) : 'No host is connected.'}
          hasEstimate={byHost.size > 0}
          onChoose={(choice) => showInstead(linkTo('capacity', { query: withChoice(query, choice) }))}
          onAsk={ask}
          onCancel={cancel}
        />
        {problem && <ProblemNotice attempt="Use the policy" problem={problem} />}
        <p className={classes.note}>
          {describeSums(rows)} Hosts without guests’ contents are assessed first; nothing is changed.
        </p>
      </Panel>
      <Panel title="Hosts" flush>
        {views === undefined ? (
          <Skeleton role="status" height={160} aria-label="Loading the hosts" />
        ) : (
          <DataTable
            label="Capacity of hosts"
            rows={rows}
            columns={columns}
            fixed
            rowKey={({ view }) => view.host.id}
            empty="Add a host first."
            testId="capacity-hosts"
          />
        )}
      </Panel>
    </main>
  )
}

type Kind = 'now' | 'policy'

function scenarioOf({ estimate }: CapacityRow, kind: Kind) {
  return estimate?.capacity?.scenarios.find((scenario) => scenario.kind === kind)
}

function describeSums(rows: readonly CapacityRow[]): string {
  const sums = [sumOf(rows, 'now', 'now'), sumOf(rows, 'policy', 'under the policy')]
  const known = sums.filter((sum) => sum !== undefined)
  return known.length === 0 ? 'Nothing is estimated yet.' : `${known.join(', ')}.`
}

/** Undefined where nothing is known. */
function sumOf(rows: readonly CapacityRow[], kind: Kind, when: string): string | undefined {
  const answers = rows.flatMap((row) => scenarioOf(row, kind)?.guests ?? [])
  const figures = answers.flatMap((answer) => (answer.kind === 'known' ? [answer.best] : []))
  if (figures.length === 0) return undefined
  const sum = figures.reduce((total, best) => total + best, 0)
  return `${wholeGuests(sum)} more guests on ${figures.length} of ${rows.length} hosts ${when}`
}

function NotYet({ row: { view } }: { readonly row: CapacityRow }) {
  const isConnected = view.connection.state === 'connected'
  return <span className="missing">{isConnected ? 'not estimated yet' : 'not connected'}</span>
}

const bestOf = (answer: CapacityAnswer | undefined) => (answer?.kind === 'known' ? answer.best : undefined)

function guestsColumn(kind: Kind, title: string): TableColumn<CapacityRow> {
  return {
    id: kind,
    title,
    width: '12%',
    about:
      'More guests like the one chosen, with the interval; less the reserve for merged pages that break.',
    sortBy: (row) => bestOf(scenarioOf(row, kind)?.guests),
    cell: (row) => {
      const scenario = scenarioOf(row, kind)
      if (row.estimate?.problem) return <span className="missing">{row.estimate.problem.message}</span>
      if (!scenario) return <NotYet row={row} />
      return <Answer answer={scenario.guests} format={wholeGuests} />
    },
  }
}

const columns: TableColumn<CapacityRow>[] = [
  {
    id: 'host',
    title: 'Host',
    width: '10%',
    sortBy: ({ view }) => view.host.name,
    cell: ({ view }) => <a href={hostLink(view.host.id, 'hostCapacity')}>{view.host.name}</a>,
  },
  {
    id: 'like',
    title: 'Like',
    width: '11%',
    sortBy: ({ estimate }) => estimate?.capacity?.like?.name,
    cell: (row) =>
      row.estimate?.capacity?.like?.name ??
      (row.estimate?.capacity ? <span className="missing">no guest</span> : <NotYet row={row} />),
  },
  guestsColumn('now', 'Now'),
  guestsColumn('policy', 'Under the policy'),
  {
    id: 'ends',
    title: 'Limited by',
    width: '12%',
    cell: (row) => {
      const ends = scenarioOf(row, 'policy')?.endsFirst
      return ends === undefined ? <span className="missing">not known</span> : resourceNames[ends]
    },
  },
  {
    id: 'worst',
    title: 'If all merged pages break',
    about: 'The bad day under the policy: what is missing when all merged pages break at once, and how soon.',
    cell: (row) => {
      const scenario = scenarioOf(row, 'policy')
      return scenario ? describeWhenAllBreak(scenario.badDay) : <NotYet row={row} />
    },
  },
]
