import { memo } from 'react'
import type { Mark } from '../../shared/contract/index.ts'
import { formatMoment } from '../ui/moments.ts'
import classes from './chart.module.css'
import { leftOf, type TimeRange } from './chart-geometry.ts'
import { groupMarks } from './chart-marks.ts'

interface MarkSymbolsProps {
  readonly marks: readonly Mark[]
  readonly range: TimeRange
}

/** A line and a symbol for each event; the text on hover, while reading, and in the table. */
export const MarkSymbols = memo(function MarkSymbols({ marks, range }: MarkSymbolsProps) {
  return groupMarks(marks, range).map(({ at, marks: together }) => (
    <i
      key={at}
      className={classes.mark}
      data-testid="mark"
      data-kind={together.length === 1 ? together[0]?.kind : 'several'}
      style={{ left: leftOf(at, range) }}
      title={together.map((mark) => `${formatMoment(mark.at)} ${mark.text}`).join('\n')}
    >
      {together.length > 1 ? together.length : ''}
    </i>
  ))
})
