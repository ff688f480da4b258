// A figure with its unit, or the reason why there is none: absent, not applicable and 0 are three answers.
import { Tooltip } from '@mantine/core'
import { formatBytes, formatPerSecond, formatRatio } from '../../shared/units.ts'

export const notReported = 'not reported by this kernel'

const formats = { bytes: formatBytes, ratio: formatRatio, perSecond: formatPerSecond }

interface FigureProps {
  readonly value: number | undefined
  readonly unit: 'bytes' | 'ratio' | 'perSecond'
  /** Why the value is absent; shown in its place. */
  readonly absent?: string
  /** Short form in the cell, the reason in a tooltip. */
  readonly compact?: boolean
}

export function Figure({ value, unit, absent = notReported, compact = false }: FigureProps) {
  if (value !== undefined) return <span>{formats[unit](value)}</span>
  if (!compact) return <span className="missing">{absent}</span>
  return (
    <Tooltip label={absent}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the reason must be reachable by keyboard. */}
      <span className="missing" tabIndex={0}>
        <span aria-hidden>—</span>
        <span className="sr-only">{absent}</span>
      </span>
    </Tooltip>
  )
}
