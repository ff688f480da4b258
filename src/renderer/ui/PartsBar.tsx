// A whole and its parts as one bar with a legend: widths by bytes, figures and meaning beside them.
import { Tooltip } from '@mantine/core'
import { formatBytes } from '../../shared/units.ts'
import classes from './PartsBar.module.css'

export interface Part {
  readonly label: string
  readonly bytes: number
  readonly color: string
  /** What it is and where it comes from. */
  readonly about: string
}

interface PartsBarProps {
  readonly label: string
  readonly parts: readonly Part[]
}

export function PartsBar({ label, parts }: PartsBarProps) {
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0)
  const text = parts.map((part) => `${part.label} ${formatBytes(part.bytes)}`).join(', ')
  return (
    <div className={classes.parts}>
      <div className={classes.head}>
        <span>{label}</span>
        <b data-total={total}>{formatBytes(total)}</b>
      </div>
      <div className={classes.bar} role="img" aria-label={`${label}, ${formatBytes(total)}: ${text}`}>
        {parts.map(({ label: name, bytes, color }) => (
          <i key={name} style={{ flexGrow: bytes, background: color }} />
        ))}
      </div>
      <ul className={classes.legend}>
        {parts.map((part) => (
          <li key={part.label} data-part={part.label} data-bytes={part.bytes}>
            <Tooltip label={part.about}>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the explanation must be reachable by keyboard. */}
              <span tabIndex={0} className={classes.part}>
                <i className={classes.swatch} style={{ background: part.color }} />
                {part.label} <b>{formatBytes(part.bytes)}</b>
              </span>
            </Tooltip>
          </li>
        ))}
      </ul>
    </div>
  )
}
