// A figure with its unit, or the reason why there is none: absent, not applicable and 0 are three answers.
import { formatBytes, formatPerSecond, formatRatio } from '../../shared/units.ts'

export const notReported = 'not reported by this kernel'

const formats = { bytes: formatBytes, ratio: formatRatio, perSecond: formatPerSecond, count: String }

export interface FigureProps {
  readonly value: number | undefined
  readonly unit: keyof typeof formats
  /** Why the value is absent; shown in its place. */
  readonly absent?: string
  /** For narrow cells: shown instead of the reason, which is then on hover and on focus. */
  readonly brief?: string
}

export function Figure({ value, unit, absent = notReported, brief }: FigureProps) {
  if (value !== undefined) return <span>{formats[unit](value)}</span>
  return <Missing reason={absent} brief={brief} />
}

interface MissingProps {
  readonly reason: string
  readonly brief?: string | undefined
}

/** Shown instead of a figure. */
export function Missing({ reason, brief }: MissingProps) {
  if (brief === undefined || brief === reason) return <span className="missing">{reason}</span>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the reason must be reachable by keyboard.
    <span className="missing" tabIndex={0} data-hint={reason}>
      <span aria-hidden>{brief}</span>
      <span className="sr-only">{reason}</span>
    </span>
  )
}
