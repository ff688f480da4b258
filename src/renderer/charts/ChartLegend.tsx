import { Tooltip } from '@mantine/core'
import { memo } from 'react'
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

/** Not drawn again while values are read: only they are. */
export const ChartLegend = memo(function ChartLegend({ layers, rows, unit, group }: ChartLegendProps) {
  const named = layers.filter(({ isBackground }) => !isBackground).slice(0, maxNamed)
  const hidden = layers.length - named.length
  return (
    <div className={classes.legend}>
      {named.map((layer) => {
        const { key, label, color, about } = layer
        const last = lastValue(layer.values)
        return (
          <Tooltip key={key} label={about} disabled={about === undefined}>
            <span {...(about !== undefined && { tabIndex: 0 })} data-layer={key} data-last={last}>
              <i className={classes.swatch} style={{ background: color }} />
              {label} <LegendValue layerKey={key} last={last} rows={rows} unit={unit} group={group} />
            </span>
          </Tooltip>
        )
      })}
      {hidden > 0 && <span>and {hidden} more, in the table</span>}
    </div>
  )
})

interface LegendValueProps extends Omit<ChartLegendProps, 'layers'> {
  readonly layerKey: string
  readonly last: number | undefined
}

/** The newest value, or that at the crosshair while something is being read. */
function LegendValue({ layerKey, last, rows, unit, group }: LegendValueProps) {
  const cursor = useCursor(group)
  const row = cursor && rows[rowNear(rows, cursor.at) ?? 0]
  const value = row ? (row[layerKey] ?? undefined) : last
  return <b>{value === undefined ? 'no value' : formatIn(unit, value)}</b>
}
