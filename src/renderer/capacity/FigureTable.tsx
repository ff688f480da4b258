// Figures of a scenario, one in a line.
import type { CapacityFigure } from '../../shared/text/capacity-text.ts'
import { Answer } from './Answer.tsx'
import classes from './capacity.module.css'

interface FigureTableProps {
  readonly label: string
  readonly figures: readonly CapacityFigure[]
  readonly testId?: string
}

export function FigureTable({ label, figures, testId }: FigureTableProps) {
  return (
    <table className={`${classes.figures} ${classes.oneInALine}`} aria-label={label} data-testid={testId}>
      <tbody>
        {figures.map(({ name, answer, format }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <Answer answer={answer} format={format} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
