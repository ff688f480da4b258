import type { HostView } from '../../shared/contract/index.ts'
import { Notice } from '../ui/Notice.tsx'
import { notConnectedSince } from '../ui/not-connected.ts'

/** Without a sample and an assessment nobody can say whether a guest or an image is there. */
export function isMeasured({ latest, assessment }: HostView): boolean {
  return latest !== undefined || assessment !== undefined
}

export function NothingMeasured({ view }: { readonly view: HostView }) {
  const lost = notConnectedSince(view)
  return (
    <Notice tone="idle" title="Nothing was measured on this host yet" testId="nothing-measured">
      {lost === undefined ? 'It is connected; the first sample is under way.' : `It is ${lost}.`}
    </Notice>
  )
}
