// Each pair of hosts: what all their guests on one host would share across both.
import type { Forecast } from '../../shared/contract/index.ts'
import { describeEstimate } from './describe-estimate.ts'
import classes from './forecast.module.css'

export function ForecastMatrix({ forecast: { hosts, pairs } }: { readonly forecast: Forecast }) {
  const most = Math.max(1, ...pairs.map(({ won }) => won.bytes))
  const wonOf = (a: string, b: string) =>
    pairs.find((pair) => (pair.a === a && pair.b === b) || (pair.a === b && pair.b === a))?.won
  return (
    <table className={classes.matrix} data-testid="forecast-matrix">
      <thead>
        <tr>
          <td />
          {hosts.map(({ hostId, name }) => (
            <th key={hostId} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {hosts.map((row) => (
          <tr key={row.hostId}>
            <th scope="row">{row.name}</th>
            {hosts.map((column) => {
              const won = wonOf(row.hostId, column.hostId)
              if (!won) return <td key={column.hostId} />
              return (
                <td
                  key={column.hostId}
                  data-bytes={won.bytes}
                  style={{ background: `rgb(var(--heat) / ${(won.bytes / most) * 0.6})` }}
                >
                  {describeEstimate(won)}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
