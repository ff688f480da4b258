import { type HostView, shownTime } from '../../shared/contract/index.ts'
import { formatMoment } from '../ui/moments.ts'
import { Notice } from '../ui/Notice.tsx'
import { notConnectedSince } from '../ui/not-connected.ts'
import { useNow } from '../ui/use-now.ts'

/** A link that opens again in another mode is there sooner. */
const oldAfterMs = 10_000

/** The last figures stay on the page when the connection ends: says of when they are. */
export function OldFiguresNotice({ view }: { readonly view: HostView }) {
  const now = useNow()
  const lost = notConnectedSince(view)
  if (lost === undefined || !view.latest) return null
  const measuredAt = shownTime(view.latest)
  if (now - measuredAt < oldAfterMs) return null
  return (
    <Notice tone="warn" title={`Figures of ${formatMoment(measuredAt)}`} testId="old-figures">
      This host is {lost}: memory, cache, guests and load are shown as they were then.
    </Notice>
  )
}
