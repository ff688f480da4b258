// Which component shows each tab of a host.
import type { ComponentType } from 'react'
import { CapacityTab } from '../capacity/CapacityTab.tsx'
import { MapTab } from '../memory-map/MapTab.tsx'
import type { HostTab } from '../model/page-table.ts'
import { CacheTab } from './CacheTab.tsx'
import { KsmTab } from './KsmTab.tsx'
import { LogTab } from './LogTab.tsx'
import { MemoryTab } from './MemoryTab.tsx'
import { OverviewTab } from './OverviewTab.tsx'
import { PolicyTab } from './PolicyTab.tsx'
import type { HostTabProps } from './tab-props.ts'

export const hostTabs: Readonly<Record<HostTab, ComponentType<HostTabProps>>> = {
  hostOverview: OverviewTab,
  hostMemory: MemoryTab,
  hostCache: CacheTab,
  hostKsm: KsmTab,
  hostPolicy: PolicyTab,
  hostLog: LogTab,
  hostMap: MapTab,
  hostCapacity: CapacityTab,
}
