// Which component shows each tab of a host.
import type { ComponentType } from 'react'
import type { HostTab } from '../model/page-table.ts'
import type { HostTabProps } from './tab-props.ts'
import { CacheTab } from './tabs/CacheTab.tsx'
import { KsmTab } from './tabs/KsmTab.tsx'
import { LogTab } from './tabs/LogTab.tsx'
import { MemoryTab } from './tabs/MemoryTab.tsx'
import { OverviewTab } from './tabs/OverviewTab.tsx'
import { PolicyTab } from './tabs/PolicyTab.tsx'

export const hostTabs: Readonly<Record<HostTab, ComponentType<HostTabProps>>> = {
  hostOverview: OverviewTab,
  hostMemory: MemoryTab,
  hostCache: CacheTab,
  hostKsm: KsmTab,
  hostPolicy: PolicyTab,
  hostLog: LogTab,
}
