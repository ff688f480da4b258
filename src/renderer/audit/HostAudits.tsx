import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { AuditTrail } from './AuditTrail.tsx'
import { HostAuditList } from './HostAuditList.tsx'
import classes from './HostAudits.module.css'

/** The workbench's own audit of this host, and the one that the helper keeps there for whoever changed it. */
export function HostAudits({ view }: { readonly view: HostView }) {
  const [kept, setKept] = useState<'here' | 'there'>('here')
  const hostId = view.host.id
  return (
    <>
      <div className={classes.source}>
        <SegmentedControl
          size="xs"
          aria-label="Which audit"
          transitionDuration={0}
          data-testid="audit-source"
          data={[
            { value: 'here', label: 'By this workbench' },
            { value: 'there', label: 'On the host, by anyone' },
          ]}
          value={kept}
          onChange={(value) => setKept(value as 'here' | 'there')}
        />
      </div>
      {kept === 'here' ? (
        <AuditTrail hostId={hostId} />
      ) : (
        <HostAuditList hostId={hostId} renewal={`${view.connection.state} ${view.tasks.length}`} />
      )}
    </>
  )
}
