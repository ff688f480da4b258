// A figure of the last sample of a host, which may not be connected any more.
import { type HostView, shownTime } from '../../shared/contract/index.ts'
import { Figure, type FigureProps, Missing } from '../ui/Figure.tsx'
import { formatMoment } from '../ui/moments.ts'
import { notConnectedSince } from '../ui/not-connected.ts'

interface SampledFigureProps extends FigureProps {
  readonly view: HostView
}

/** Where the host is not connected: dim, and on hover of when it is; without a sample, since when it is not. */
export function SampledFigure({ view, ...figure }: SampledFigureProps) {
  const lost = notConnectedSince(view)
  if (lost === undefined) return <Figure {...figure} />
  if (figure.value === undefined || !view.latest) return <Missing reason={lost} brief="not known" />
  return (
    <span className="missing" title={`${lost}: of ${formatMoment(shownTime(view.latest))}`}>
      <Figure {...figure} />
    </span>
  )
}
