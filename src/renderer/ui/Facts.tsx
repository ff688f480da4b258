// Figures in a row, each with its name, a note and what it is: on hover and on focus.
import { memo, type ReactNode } from 'react'
import { Explained } from './Explained.tsx'
import classes from './Facts.module.css'
import panel from './panel.module.css'
import tile from './tile.module.css'

export interface Fact {
  readonly label: string
  readonly value: ReactNode
  readonly note: string
  /** Source and error of the figure. */
  readonly about?: string
  readonly color: string
  readonly testId: string
  /** The figure as a number, for those who read the page by program. */
  readonly bytes?: number | undefined
}

export function Facts({ facts, label }: { readonly facts: readonly Fact[]; readonly label: string }) {
  return (
    <section className={`${tile.tiles} ${classes.facts}`} aria-label={label}>
      {facts.map((fact) => (
        <OneFact key={fact.testId} {...fact} />
      ))}
    </section>
  )
}

/** Drawn again only when one of its words changes. */
const OneFact = memo(function OneFact({ label, value, note, about, color, testId, bytes }: Fact) {
  return (
    <div
      className={`${panel.panel} ${tile.tile}`}
      style={{ borderLeftColor: color }}
      data-testid={testId}
      data-bytes={bytes}
    >
      <div className={tile.label}>
        {about === undefined ? label : <Explained about={about}>{label}</Explained>}
      </div>
      <div className={`${tile.value} ${classes.value}`}>{value}</div>
      <div className={tile.note} title={note}>
        {note}
      </div>
    </div>
  )
})
