// A chart over time: stacked areas or lines on a numeric time axis, in step with the other charts of its page. Its values
// can be read by pointer and keyboard, as a table and as a file.
import { ActionIcon, Skeleton, Tooltip } from '@mantine/core'
import { IconChartLine, IconFileTypeCsv, IconTable } from '@tabler/icons-react'
import { type ReactNode, useMemo, useState } from 'react'
import type { Mark } from '../../shared/contract/index.ts'
import type { Unit } from '../design/quantities.ts'
import { saveFile } from '../reports/save-file.ts'
import { Panel } from '../ui/Panel.tsx'
import { ChartLegend } from './ChartLegend.tsx'
import { ChartOverlay } from './ChartOverlay.tsx'
import { ChartTable } from './ChartTable.tsx'
import classes from './chart.module.css'
import { chartCsv } from './chart-csv.ts'
import type { TimeRange } from './chart-geometry.ts'
import { type ChartLayer, type ChartRow, chartRows, lastValue } from './chart-rows.ts'
import { Plot } from './Plot.tsx'

export interface TimeChartProps {
  readonly title: string
  readonly note?: string
  readonly unit: Unit
  readonly layers: readonly ChartLayer[]
  /** Undefined while loading. */
  readonly at: readonly number[] | undefined
  readonly range: TimeRange
  readonly stacked?: boolean
  /** Shared by charts whose crosshairs move together. */
  readonly syncId: string
  /** Why there is nothing, when there is nothing. */
  readonly empty: string
  readonly testId: string
  /** Of the plot, in pixels. */
  readonly height?: number
  /** What happened, oldest first. */
  readonly marks?: readonly Mark[]
  /** A part of the range was dragged over, or asked for by key. Absent: the range is fixed. */
  readonly onZoom?: (range: TimeRange) => void
  /** Back to the range before. */
  readonly onReset?: () => void
  /** Switches of this chart. */
  readonly aside?: ReactNode
}

const usualHeight = 190
const noMarks: readonly Mark[] = []

export function TimeChart(props: TimeChartProps) {
  const { title, note, unit, layers, at, testId, aside, marks = noMarks } = props
  const [asTable, setAsTable] = useState(false)
  const reported = useMemo(() => layers.filter(({ values }) => lastValue(values) !== undefined), [layers])
  const rows = useMemo(() => chartRows(at ?? [], reported), [at, reported])
  const tools = at !== undefined && reported.length > 0 && (
    <ChartTools
      title={title}
      asTable={asTable}
      onTable={setAsTable}
      onSave={() => saveFile(csvFile(title, chartCsv(rows, reported, unit, marks)))}
    />
  )
  return (
    <Panel
      title={title}
      note={note}
      aside={
        <>
          {aside}
          {tools}
        </>
      }
      testId={testId}
    >
      <ChartBody {...props} layers={reported} rows={rows} marks={marks} asTable={asTable} />
    </Panel>
  )
}

interface ChartBodyProps extends TimeChartProps {
  readonly rows: readonly ChartRow[]
  readonly marks: readonly Mark[]
  readonly asTable: boolean
}

function ChartBody(props: ChartBodyProps) {
  const { title, unit, layers, rows, marks, at, range, empty, syncId, asTable } = props
  const { height = usualHeight, stacked = false, onZoom, onReset } = props
  const whole = height + legendHeight
  if (at === undefined) return <Skeleton role="status" height={whole} aria-label={`Loading ${title}`} />
  if (layers.length === 0) {
    return (
      <div className={`missing ${classes.noPlot}`} style={{ height: whole }}>
        {empty}
      </div>
    )
  }
  const shown = { title, unit, layers, rows, marks }
  return (
    <>
      <ChartLegend layers={layers} rows={rows} unit={unit} group={syncId} />
      {asTable ? (
        <ChartTable {...shown} height={height} />
      ) : (
        <div className={classes.plot}>
          <Plot unit={unit} layers={layers} rows={rows} range={range} stacked={stacked} height={height} />
          <ChartOverlay {...shown} range={range} group={syncId} onZoom={onZoom} onReset={onReset} />
        </div>
      )}
    </>
  )
}

const legendHeight = 22

interface ChartToolsProps {
  readonly title: string
  readonly asTable: boolean
  readonly onTable: (asTable: boolean) => void
  readonly onSave: () => void
}

function ChartTools({ title, asTable, onTable, onSave }: ChartToolsProps) {
  const Icon = asTable ? IconChartLine : IconTable
  const label = asTable ? 'as a chart' : 'as a table'
  return (
    <span className={classes.tools}>
      <Tooltip label={`Show ${label}`}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={`${title} ${label}`}
          onClick={() => onTable(!asTable)}
        >
          <Icon size={15} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Save what the chart shows as CSV">
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`${title} as CSV`} onClick={onSave}>
          <IconFileTypeCsv size={15} />
        </ActionIcon>
      </Tooltip>
    </span>
  )
}

function csvFile(title: string, content: string) {
  const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return { fileName: `${name}.csv`, mediaType: 'text/csv', content }
}
