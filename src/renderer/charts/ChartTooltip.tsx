import type { Mark } from '../../shared/contract/index.ts'
import { formatIn, type Unit } from '../design/quantities.ts'
import { formatMoment } from '../ui/moments.ts'
import classes from './chart.module.css'
import type { ChartLayer, ChartRow } from './chart-rows.ts'

interface ChartTooltipProps {
  readonly row: ChartRow
  readonly layers: readonly ChartLayer[]
  readonly unit: Unit
  readonly marks: readonly Mark[]
}

/** Taller than the plot, it would cover its neighbours. */
const maxRows = 12

/** Every layer at one instant, in the order of the legend; "no value" where nothing was reported. */
export function ChartTooltip({ row, layers, unit, marks }: ChartTooltipProps) {
  return (
    <>
      <div className={classes.time}>{formatMoment(row.at)}</div>
      <table>
        <tbody>
          {layers.slice(0, maxRows).map(({ key, label, color }) => (
            <tr key={key}>
              <td className={classes.key}>
                <i className={classes.swatch} style={{ background: color }} />
              </td>
              <td>{label}</td>
              <td>{valueText(row[key], unit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {layers.length > maxRows && <div>and {layers.length - maxRows} more in the table</div>}
      {marks.map(({ at, text }) => (
        <div key={`${at} ${text}`} className={classes.markText}>
          {formatMoment(at)} {text}
        </div>
      ))}
    </>
  )
}

/** The same, to be heard. */
export function sayRow({ row, layers, unit, marks }: ChartTooltipProps): string {
  const values = layers.map(({ key, label }) => `${label} ${valueText(row[key], unit)}`)
  return [formatMoment(row.at), ...values, ...marks.map(({ text }) => text)].join(', ')
}

function valueText(value: number | null | undefined, unit: Unit): string {
  return value === null || value === undefined ? 'no value' : formatIn(unit, value)
}
