// Why an act is not offered now, in words for a tooltip; undefined when it is. Main decides again. Pure.
import type { HostView } from '../../shared/contract/index.ts'

export function whyNotNow({ connection }: HostView, switching: boolean): string | undefined {
  if (switching) return 'The helper is restarting in the other mode.'
  return connection.state === 'connected' ? undefined : 'This host is not connected.'
}

export function whyNoChange(view: HostView, switching: boolean): string | undefined {
  const offline = whyNotNow(view, switching)
  if (offline) return offline
  if (view.host.mode === 'change') return undefined
  return 'This host is in observe mode: the workbench only reads. Switch to “Allow changes” at the top right to enable this.'
}
