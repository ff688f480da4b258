import { formatIn, type Unit } from '../design/quantities.ts'
import { formatMoment } from '../ui/moments.ts'
import classes from './chart.module.css'
import type { ChartLayer, ChartRow } from './chart-rows.ts'

interface ChartTooltipProps {
  readonly at: number
  readonly rows: readonly ChartRow[]
  readonly layers: readonly ChartLayer[]
  readonly unit: Unit
}

/** Every layer at one instant, in the order of the legend; "no value" where nothing was reported. */
export function ChartTooltip({ at, rows, layers, unit }: ChartTooltipProps) {
  const row = rows.find((candidate) => candidate.at === at)
  if (!row) return null
  return (
    <div className={classes.tooltip}>
      <div className={classes.time}>{formatMoment(at)}</div>
      <table>
        <tbody>
          {layers.map(({ key, label, color }) => {
            const value = row[key]
            return (
              <tr key={key}>
                <td className={classes.key}>
                  <i className={classes.swatch} style={{ background: color }} />
                </td>
                <td>{label}</td>
                <td>{value === null || value === undefined ? 'no value' : formatIn(unit, value)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
