// Which component shows each page of model/page-table.ts.
import type { ComponentType } from 'react'
import { AuditPage } from './audit/AuditPage.tsx'
import { ComparePage } from './compare/ComparePage.tsx'
import { ExperimentComparePage } from './experiments/ExperimentComparePage.tsx'
import { ExperimentPage } from './experiments/ExperimentPage.tsx'
import { ExperimentsPage } from './experiments/ExperimentsPage.tsx'
import { FleetPage } from './fleet/FleetPage.tsx'
import { ForecastPage } from './forecast/ForecastPage.tsx'
import { GlossaryPage } from './glossary/GlossaryPage.tsx'
import { GuestPage } from './guests/GuestPage.tsx'
import { HostPage } from './host/HostPage.tsx'
import { ImagePage } from './images/ImagePage.tsx'
import type { PageId } from './model/page-table.ts'
import type { Route } from './model/route.ts'
import { PoliciesPage } from './policies/PoliciesPage.tsx'

import { ReportsPage } from './report-page/ReportsPage.tsx'

export interface PageProps {
  readonly route: Route
}

export const pages: Readonly<Record<PageId, ComponentType<PageProps>>> = {
  fleet: FleetPage,
  hostOverview: HostPage,
  hostMemory: HostPage,
  hostCache: HostPage,
  hostKsm: HostPage,
  hostPolicy: HostPage,
  hostLog: HostPage,
  hostMap: HostPage,
  guest: GuestPage,
  image: ImagePage,
  policies: PoliciesPage,
  experiments: ExperimentsPage,
  experimentCompare: ExperimentComparePage,
  experiment: ExperimentPage,
  compare: ComparePage,
  forecast: ForecastPage,
  reports: ReportsPage,
  audit: AuditPage,
  glossary: GlossaryPage,
}
