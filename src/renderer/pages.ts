// The pages: where each is, what it is called, and what shows it.
import type { ComponentType } from 'react'
import { AuditPage } from './audit/AuditPage.tsx'
import { FleetPage } from './fleet/FleetPage.tsx'
import { HostPage } from './host/HostPage.tsx'
import { type Path, paths } from './model/route.ts'
import { PoliciesPage } from './policies/PoliciesPage.tsx'

export interface Page {
  readonly path: Path
  /** Absent: no link of its own in the top bar. */
  readonly title?: string
  readonly Component: ComponentType<{ readonly hostId: string }>
}

export const pages: readonly Page[] = [
  { path: paths.fleet, title: 'Fleet', Component: FleetPage },
  { path: paths.host, Component: HostPage },
  { path: paths.policies, title: 'Policies', Component: PoliciesPage },
  { path: paths.audit, title: 'Audit', Component: AuditPage },
]
