// What is compared, by which yardstick and how it is drawn. Each choice changes the address.
import { MultiSelect, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useMemo } from 'react'
import {
  type ComparisonPer,
  comparisonPer,
  type MetricName,
  metricNames,
} from '../../shared/contract/index.ts'
import { fitsRam } from '../../shared/figures/compare.ts'
import { metricTitle } from '../../shared/figures/metric-title.ts'
import { baseOf, type RangeId, ranges, withChoice } from '../history/ranges.ts'
import { linkTo, showInstead } from '../model/route.ts'
import { useFleet } from '../store/use-fleet.ts'
import classes from './compare.module.css'
import { type CompareChoice, withCompared } from './compare-query.ts'

interface CompareControlsProps {
  readonly query: URLSearchParams
  readonly choice: CompareChoice
}

const perLabels: Readonly<Record<ComparisonPer, string>> = {
  host: 'Absolute',
  gib: 'Per GiB of guest RAM',
  baseline: 'Against its own baseline',
}
const metricChoices = metricNames.map((value) => ({ value, label: metricTitle(value) }))

export function CompareControls({ query, choice }: CompareControlsProps) {
  const views = useFleet(({ hosts }) => hosts)
  const hosts = useMemo(
    () => (views ?? []).map(({ host }) => ({ value: host.id, label: host.name })),
    [views],
  )
  const show = (next: URLSearchParams) => showInstead(linkTo('compare', { query: next }))
  const change = (part: Partial<CompareChoice>) => show(withCompared(query, part))
  return (
    <div className={classes.controls}>
      <MultiSelect
        label="Hosts"
        className={classes.hosts ?? ''}
        data={hosts}
        value={[...choice.hostIds]}
        onChange={(hostIds) => change({ hostIds })}
        searchable
        clearable
        data-testid="compare-hosts"
      />
      <Select
        label="Quantity"
        data={metricChoices}
        value={choice.metric}
        onChange={(metric) => metric && change({ metric: metric as MetricName })}
        searchable
        allowDeselect={false}
        data-testid="compare-metric"
      />
      <Select
        label="Range"
        data={ranges.map(({ id, label }) => ({ value: id, label }))}
        value={query.has('from') ? null : baseOf(query)}
        placeholder="chosen in the chart"
        onChange={(id) => id && show(withChoice(query, id as RangeId))}
      />
      <TextInput
        label={
          choice.hostIds.length === 1 ? 'Before and after this moment' : 'Before and after, for one host'
        }
        type="datetime-local"
        disabled={choice.hostIds.length !== 1}
        value={choice.moment === undefined ? '' : localText(choice.moment)}
        onChange={({ currentTarget: { value } }) =>
          change({ moment: value === '' ? undefined : Date.parse(value) })
        }
        data-testid="compare-moment"
      />
      <Yardsticks choice={choice} change={change} />
    </div>
  )
}

interface YardsticksProps {
  readonly choice: CompareChoice
  readonly change: (part: Partial<CompareChoice>) => void
}

function Yardsticks({ choice, change }: YardsticksProps) {
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="Yardstick"
        transitionDuration={0}
        data={comparisonPer.options.map((value) => ({
          value,
          label: perLabels[value],
          disabled: value === 'gib' && !fitsRam(choice.metric),
        }))}
        value={choice.per}
        onChange={(per) => change({ per: per as ComparisonPer })}
      />
      <SegmentedControl
        size="xs"
        aria-label="Drawn as"
        transitionDuration={0}
        data={[
          { value: 'overlay', label: 'One chart' },
          { value: 'multiples', label: 'Chart for each' },
        ]}
        value={choice.as}
        onChange={(as) => change({ as: as as CompareChoice['as'] })}
      />
    </>
  )
}

/** As an input of local time wants it. */
function localText(at: number): string {
  const offset = new Date(at).getTimezoneOffset() * 60_000
  return new Date(at - offset).toISOString().slice(0, 16)
}
