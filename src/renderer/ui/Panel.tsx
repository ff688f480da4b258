import { type ReactNode, useId } from 'react'

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
    <section className="panel" aria-labelledby={id} data-testid={testId}>
      <header className="panel-head">
        <h2 id={id} className="panel-title">
          {title}
        </h2>
        {note && <span className="panel-note">{note}</span>}
        <span className="spacer" />
        {aside}
      </header>
      <div className={flush ? 'table-wrap' : 'panel-body'}>{children}</div>
    </section>
  )
}
