// Which component shows each page of model/page-table.ts. Its code is loaded when it is shown, or after the first paint.
import type { ComponentType } from 'react'
import type { PageId } from './model/page-table.ts'
import type { Route } from './model/route.ts'
import { later } from './ui/later.tsx'

export interface PageProps {
  readonly route: Route
}

const host = later<PageProps>(async () => (await import('./host/HostPage.tsx')).HostPage)

export const pages = {
  fleet: later(async () => (await import('./fleet/FleetPage.tsx')).FleetPage),
  hostOverview: host,
  hostMemory: host,
  hostCache: host,
  hostKsm: host,
  hostPolicy: host,
  hostLog: host,
  hostMap: host,
  hostCapacity: host,
  guest: later(async () => (await import('./guests/GuestPage.tsx')).GuestPage),
  image: later(async () => (await import('./images/ImagePage.tsx')).ImagePage),
  policies: later(async () => (await import('./policies/PoliciesPage.tsx')).PoliciesPage),
  experiments: later(async () => (await import('./experiments/ExperimentsPage.tsx')).ExperimentsPage),
  experimentCompare: later(
    async () => (await import('./experiments/ExperimentComparePage.tsx')).ExperimentComparePage,
  ),
  experiment: later(async () => (await import('./experiments/ExperimentPage.tsx')).ExperimentPage),
  compare: later(async () => (await import('./compare/ComparePage.tsx')).ComparePage),
  forecast: later(async () => (await import('./forecast/ForecastPage.tsx')).ForecastPage),
  capacity: later(async () => (await import('./capacity/CapacityPage.tsx')).CapacityPage),
  reports: later(async () => (await import('./report-page/ReportsPage.tsx')).ReportsPage),
  audit: later(async () => (await import('./audit/AuditPage.tsx')).AuditPage),
  glossary: later(async () => (await import('./glossary/GlossaryPage.tsx')).GlossaryPage),
  settings: later(async () => (await import('./settings/SettingsPage.tsx')).SettingsPage),
} satisfies Readonly<Record<PageId, ComponentType<PageProps>>>
