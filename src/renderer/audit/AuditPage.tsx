import { Panel } from '../ui/Panel.tsx'
import { AuditTrail } from './AuditTrail.tsx'

/** Every change of this workbench, on all hosts, those removed since included. */
export function AuditPage() {
  return (
    <main className="page" data-testid="audit-page">
      <h1 className="sr-only">Audit</h1>
      <Panel
        title="Audit"
        note="Every change that this workbench made or was refused. It is kept on this machine, and entries are never changed or removed."
        flush
      >
        <AuditTrail />
      </Panel>
    </main>
  )
}
