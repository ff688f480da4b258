// What every tab of a host is given.
import type { HostView } from '../../shared/contract/index.ts'
import type { Route } from '../model/route.ts'
import type { DryRun } from '../page-cache/ScrubPanel.tsx'

export interface HostTabProps {
  readonly view: HostView
  readonly route: Route
  /** The dry run that was asked for on this page. */
  readonly plan: DryRun | undefined
}
