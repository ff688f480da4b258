import { type ReactNode, useId } from 'react'
import panel from './panel.module.css'

interface PanelProps {
  readonly title: string
  readonly note?: ReactNode
  readonly aside?: ReactNode
  readonly flush?: boolean
  readonly testId?: string
  readonly children: ReactNode
}

export function Panel({ title, note, aside, flush = false, testId, children }: PanelProps) {
  const id = useId()
  return (
    <section className={panel.panel} aria-labelledby={id} data-testid={testId}>
      <header className={panel.head}>
        <h2 id={id} className={panel.title}>
          {title}
        </h2>
        {note && <span className={`panel-note ${panel.note}`}>{note}</span>}
        <span className="spacer" />
        {aside}
      </header>
      <div className={flush ? panel.tableWrap : panel.body}>{children}</div>
    </section>
  )
}
