// Metrics that are levels: read by the helper as they are, or worked out by the workbench from a sample.
import { derived, type Metric, metricErrors, sampled } from './metric.ts'

/** Gauges that the helper reads as they are. They travel as `gauges` of a sample; absent: this kernel has none. */
export const sampledGauges = {
  dirtyBytes: sampled(
    'bytes',
    'Dirty',
    'Dirty of /proc/meminfo: cached pages that have yet to be written to storage.',
    metricErrors.meminfo,
  ),
  anonBytes: sampled(
    'bytes',
    'Anonymous',
    'AnonPages of /proc/meminfo: guest RAM and memory of programs.',
    metricErrors.meminfo,
  ),
  anonHugeBytes: sampled(
    'bytes',
    'In huge pages',
    'AnonHugePages of /proc/meminfo: anonymous memory in huge pages, which KSM splits as it merges.',
    metricErrors.meminfo,
  ),
  swapUsedBytes: sampled(
    'bytes',
    'Swap used',
    'SwapTotal less SwapFree of /proc/meminfo.',
    metricErrors.meminfo,
  ),
  memorySomePressureRatio: sampled(
    'ratio',
    'Memory, some',
    'Share of the last 10 s in which some task waited for memory: some avg10 of /proc/pressure/memory.',
    metricErrors.pressure,
  ),
  memoryFullPressureRatio: sampled(
    'ratio',
    'Memory, full',
    'Share of the last 10 s in which every task that could run waited for memory: full avg10 of /proc/pressure/memory.',
    metricErrors.pressure,
  ),
  ioSomePressureRatio: sampled(
    'ratio',
    'I/O, some',
    'Share of the last 10 s in which some task waited for storage: some avg10 of /proc/pressure/io.',
    metricErrors.pressure,
  ),
  ioFullPressureRatio: sampled(
    'ratio',
    'I/O, full',
    'Share of the last 10 s in which every task that could run waited for storage: full avg10 of /proc/pressure/io.',
    metricErrors.pressure,
  ),
} as const satisfies Readonly<Record<string, Metric>>

/** Gauges that the workbench works out from a sample (src/main/history/interval.ts). */
export const derivedGauges = {
  guestResidentBytes: derived(
    'bytes',
    'Guest RAM',
    'Resident memory of all guests (RSS of QEMU).',
    'Page counters of each process; a merged page counts in every guest that maps it, and QEMU’s own memory is in it.',
  ),
  imageCacheBytes: derived(
    'bytes',
    'Image cache',
    'Host page cache of the guests’ disk images.',
    'Exact to the page at the moment each image is counted. Where the kernel has no cachestat, counted every fifth sample.',
  ),
  otherCacheBytes: derived(
    'bytes',
    'Other cache',
    'Cached in /proc/meminfo less the image cache.',
    'The errors of its two parts. Cache of block devices is in Buffers, not in Cached: with such images it is too small.',
  ),
  freeBytes: derived('bytes', 'Free', 'MemFree in /proc/meminfo.', metricErrors.meminfo),
  otherUsedBytes: derived(
    'bytes',
    'Other used',
    'The rest of the host’s memory.',
    'What the other parts leave: their errors add up in it.',
  ),
  availableBytes: derived(
    'bytes',
    'Available',
    'MemAvailable in /proc/meminfo.',
    'The kernel’s own estimate of what programs can take without swapping; not a measurement.',
  ),
  mergedBytes: derived(
    'bytes',
    'Merged',
    'Saved by KSM now: (pages_sharing + zero pages) × page size.',
    'Exact at the moment of the sample. What ksmd itself needs (about 64 bytes for each page it knows) is not taken off.',
  ),
  pagesShared: derived('pages', 'Shared', 'pages_shared: merged frames in use.', metricErrors.ksm),
  pagesSharing: derived(
    'pages',
    'Sharing',
    'pages_sharing: pages that use those frames in addition; this is what is saved.',
    metricErrors.ksm,
  ),
  pagesUnshared: derived(
    'pages',
    'Unshared',
    'pages_unshared: unique so far; ksmd checks them again in each pass.',
    'Exact, of ksmd’s last pass: pages that it has not reached are in neither.',
  ),
  policyEvictedBytes: derived(
    'bytes',
    'Evicted',
    'Evicted by the running policy since its start, as its next look confirmed.',
    'Exact to the page, at the policy’s last look.',
  ),
  policyReturnedBytes: derived(
    'bytes',
    'Came back',
    'Of what the policy evicted, what was read again within its regret window.',
    'Too large where a page came back for another reason than that it was needed (readahead).',
  ),
  policyPotentialBytes: derived(
    'bytes',
    'Still mergeable',
    'Identical, mergeable and not yet merged pages of guests, as the policy measured them last.',
    'Of the last measurement, so it is as old as that. Exact, or an estimate with a margin where RAM was sampled.',
  ),
  pagesVolatile: derived(
    'pages',
    'Volatile',
    'pages_volatile: pages that change too fast to be merged.',
    'Exact, of ksmd’s last pass: pages that it has not reached are in neither.',
  ),
} as const satisfies Readonly<Record<string, Metric>>
