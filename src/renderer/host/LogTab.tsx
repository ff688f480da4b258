import { HostAudits } from '../audit/HostAudits.tsx'
import { HostLog } from '../log/HostLog.tsx'
import { Panel } from '../ui/Panel.tsx'
import type { HostTabProps } from './tab-props.ts'

/** What was changed on this host, and what the workbench and the helper said. */
export function LogTab({ view }: HostTabProps) {
  return (
    <>
      <Panel title="Changes made on this host" flush>
        <HostAudits view={view} />
      </Panel>
      <Panel title="Log" flush>
        <HostLog hostId={view.host.id} />
      </Panel>
    </>
  )
}
