// The quantities that charts show: label, colour and meaning, the same on every screen.
import type { MetricName } from '../../shared/contract/index.ts'
import { formatBytes, formatCount, formatRatio } from '../../shared/units.ts'

export interface Quantity {
  readonly label: string
  readonly color: string
  /** What the figure is and where it comes from. */
  readonly about: string
}

export const quantities: Readonly<Record<MetricName, Quantity>> = {
  guestResidentBytes: {
    label: 'Guest RAM',
    color: 'var(--q-guest)',
    about: 'Resident memory of all guests (RSS of QEMU).',
  },
  imageCacheBytes: {
    label: 'Image cache',
    color: 'var(--q-image-cache)',
    about: 'Host page cache of the guests’ disk images.',
  },
  otherCacheBytes: {
    label: 'Other cache',
    color: 'var(--q-other-cache)',
    about: 'Cached in /proc/meminfo less the image cache.',
  },
  otherUsedBytes: {
    label: 'Other used',
    color: 'var(--q-other-used)',
    about: 'The rest of the host’s memory.',
  },
  freeBytes: { label: 'Free', color: 'var(--q-free)', about: 'MemFree in /proc/meminfo.' },
  availableBytes: {
    label: 'Available',
    color: 'var(--q-available)',
    about: 'MemAvailable in /proc/meminfo.',
  },
  mergedBytes: {
    label: 'Merged',
    color: 'var(--q-merged)',
    about: 'Saved by KSM now: (pages_sharing + zero pages) × page size.',
  },
  doubleCachedBytes: {
    label: 'Double cached',
    color: 'var(--q-double-cached)',
    about: 'Image cache whose content a guest holds too; known at assessments and scrubs, hence in steps.',
  },
  reclaimableBytes: {
    label: 'Reclaimable',
    color: 'var(--q-reclaimable)',
    about: 'Mergeable + double cached at the last assessment.',
  },
  pagesShared: { label: 'Shared', color: 'var(--q-shared)', about: 'pages_shared: merged frames in use.' },
  pagesSharing: {
    label: 'Sharing',
    color: 'var(--q-merged)',
    about: 'pages_sharing: further sites that use those frames; what is saved.',
  },
  pagesUnshared: {
    label: 'Unshared',
    color: 'var(--q-unshared)',
    about: 'pages_unshared: unique so far, checked again each scan.',
  },
  pagesVolatile: {
    label: 'Volatile',
    color: 'var(--q-volatile)',
    about: 'pages_volatile: change too fast to be merged.',
  },
  hitRatio: {
    label: 'All guests',
    color: 'var(--q-available)',
    about: '1 − bytes fetched from storage / bytes asked for by QEMU.',
  },
  ksmdCpuRatio: {
    label: 'ksmd',
    color: 'var(--q-cpu-ksmd)',
    about: 'CPU of the kernel’s ksmd, of one core.',
  },
  helperCpuRatio: { label: 'Helper', color: 'var(--q-cpu-helper)', about: 'CPU of our helper, of one core.' },
}

export const lineColors = [1, 2, 3, 4, 5, 6].map((n) => `var(--q-line-${n})`)

export type Unit = 'bytes' | 'ratio' | 'pages'

export function formatIn(unit: Unit, value: number): string {
  if (unit === 'bytes') return formatBytes(value)
  return unit === 'ratio' ? formatRatio(value) : formatCount(value)
}

/** For an axis: 1200000 pages -> "1.2 M". */
export function formatTick(unit: Unit, value: number): string {
  if (unit !== 'pages') return formatIn(unit, value)
  if (value >= 1e6) return `${Number((value / 1e6).toFixed(1))} M`
  return value >= 1e3 ? `${Number((value / 1e3).toFixed(1))} k` : formatCount(value)
}
