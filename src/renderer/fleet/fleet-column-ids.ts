// The columns of the fleet that can be chosen, in the order in which they stand.

export const fleetColumnIds = [
  'memory',
  'pressure',
  'guests',
  'reclaimable',
  'reclaimed',
  'mergeable',
  'merged',
  'double-cached',
  'image-cache',
  'hit-ratio',
  'reads',
  'guest-cpu',
  'swap',
  'policy',
  'cpu',
  'sparkline',
] as const
export type FleetColumnId = (typeof fleetColumnIds)[number]

export const usualColumns: readonly FleetColumnId[] = [
  'memory',
  'reclaimable',
  'reclaimed',
  'hit-ratio',
  'cpu',
  'sparkline',
]
