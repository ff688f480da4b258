// The one table of pages. Routes, the links at the top, the tabs of a host, titles and keys follow from it; pages.ts
// says which component shows each, and the compiler asks for one.

export interface PageEntry {
  /** `:hostId` and `:item` stand for any. */
  readonly path: `#/${string}`
  readonly title: string
  /** `top`: a link in the bar at the top. `host`: a tab of every host. Absent: reached by links in the text only. */
  readonly shownIn?: 'top' | 'host'
  /** Of `top`: pressed after G. Of `host`: pressed alone. */
  readonly key?: string
}

/** The order is that of the links, of the tabs, and of the list of keys. */
const pageTable = {
  fleet: { path: '#/', title: 'Fleet', shownIn: 'top', key: 'f' },
  hostOverview: { path: '#/host/:hostId/overview', title: 'Overview', shownIn: 'host', key: '1' },
  hostMemory: { path: '#/host/:hostId/memory', title: 'Memory', shownIn: 'host', key: '2' },
  hostCache: { path: '#/host/:hostId/cache', title: 'Cache', shownIn: 'host', key: '3' },
  hostKsm: { path: '#/host/:hostId/ksm', title: 'KSM', shownIn: 'host', key: '4' },
  hostPolicy: { path: '#/host/:hostId/policy', title: 'Policy', shownIn: 'host', key: '5' },
  hostLog: { path: '#/host/:hostId/log', title: 'Log', shownIn: 'host', key: '6' },
  hostMap: { path: '#/host/:hostId/map', title: 'Map', shownIn: 'host', key: '7' },
  hostCapacity: { path: '#/host/:hostId/capacity', title: 'Capacity', shownIn: 'host', key: '8' },
  guest: { path: '#/host/:hostId/guest/:item', title: 'Guest' },
  image: { path: '#/host/:hostId/image/:item', title: 'Image' },
  policies: { path: '#/policies', title: 'Policies', shownIn: 'top', key: 'p' },
  experiments: { path: '#/experiments', title: 'Experiments', shownIn: 'top', key: 'e' },
  experimentCompare: { path: '#/experiments/compare', title: 'Two experiments' },
  experiment: { path: '#/experiments/:item', title: 'Experiment' },
  compare: { path: '#/compare', title: 'Compare', shownIn: 'top', key: 'c' },
  forecast: { path: '#/forecast', title: 'Forecast', shownIn: 'top', key: 'o' },
  capacity: { path: '#/capacity', title: 'Capacity', shownIn: 'top', key: 'n' },
  reports: { path: '#/reports', title: 'Reports', shownIn: 'top', key: 'r' },
  audit: { path: '#/audit', title: 'Audit', shownIn: 'top', key: 'a' },
  glossary: { path: '#/glossary', title: 'Glossary' },
  settings: { path: '#/settings', title: 'Settings' },
} as const satisfies Readonly<Record<string, PageEntry>>

export type PageId = keyof typeof pageTable
/** Pages that are shown with the head of their host. */
export type HostTab = {
  [K in PageId]: (typeof pageTable)[K] extends { readonly shownIn: 'host' } ? K : never
}[PageId]

export const pageIds = Object.keys(pageTable) as PageId[]
export const topPages = pageIds.filter((id) => entryOf(id).shownIn === 'top')
export const hostTabs = pageIds.filter((id): id is HostTab => entryOf(id).shownIn === 'host')

export function entryOf(id: PageId): PageEntry {
  return pageTable[id]
}
