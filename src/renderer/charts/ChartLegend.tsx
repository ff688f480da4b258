import { Tooltip } from '@mantine/core'
import { formatIn, type Unit } from '../design/quantities.ts'
import classes from './chart.module.css'
import { useCursor } from './chart-cursor.ts'
import { type ChartLayer, type ChartRow, lastValue, rowNear } from './chart-rows.ts'

interface ChartLegendProps {
  readonly layers: readonly ChartLayer[]
  readonly rows: readonly ChartRow[]
  readonly unit: Unit
  readonly group: string
}

/** More would hide the plot; the table has them all. */
const maxNamed = 8

/** The newest values, or those at the crosshair while something is being read. */
export function ChartLegend({ layers, rows, unit, group }: ChartLegendProps) {
  const cursor = useCursor(group)
  const row = cursor && rows[rowNear(rows, cursor.at) ?? 0]
  const named = layers.filter(({ isBackground }) => !isBackground).slice(0, maxNamed)
  const hidden = layers.length - named.length
  return (
    <div className={classes.legend}>
      {named.map(({ key, label, color, about, values }) => {
        const last = lastValue(values)
        const value = row ? (row[key] ?? undefined) : last
        return (
          <Tooltip key={key} label={about} disabled={about === undefined}>
            <span {...(about !== undefined && { tabIndex: 0 })} data-layer={key} data-last={last}>
              <i className={classes.swatch} style={{ background: color }} />
              {label} <b>{value === undefined ? 'no value' : formatIn(unit, value)}</b>
            </span>
          </Tooltip>
        )
      })}
      {hidden > 0 && <span>and {hidden} more, in the table</span>}
    </div>
  )
}
