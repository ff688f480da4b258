import { useMemo } from 'react'
import { aboutMetric, type HostView } from '../../shared/contract/index.ts'
import { figureErrors } from '../../shared/figures/figure-errors.ts'
import { describeKsmBurst } from '../../shared/text/burst-text.ts'
import { formatBytes, formatRatio, formatSeconds } from '../../shared/units.ts'
import { imageCacheOf } from '../model/fleet-figures.ts'
import { type Fact, Facts } from '../ui/Facts.tsx'
import { notReported } from '../ui/Figure.tsx'
import { notConnectedSince } from '../ui/not-connected.ts'

interface HostFactsProps {
  readonly view: HostView
  /** By test id. Absent: all six. */
  readonly shown?: readonly string[]
}

/** The host in figures, the same quantities and colours as in the charts. */
export function HostFacts({ view, shown }: HostFactsProps) {
  const facts = useMemo(() => [...memoryFacts(view), ...winFacts(view)], [view])
  return (
    <Facts
      facts={shown ? facts.filter(({ testId }) => shown.includes(testId)) : facts}
      label="Host in figures"
    />
  )
}

const notKnown = 'not known'

function bytesOr(bytes: number | undefined, absent: string): string {
  return bytes === undefined ? absent : formatBytes(bytes)
}

function whyNoSample(view: HostView): string {
  return notConnectedSince(view) ?? 'no sample yet'
}

function memoryFacts(view: HostView): Fact[] {
  const { latest } = view
  const cache = imageCacheOf(view)
  const guests = latest?.guests.length ?? 0
  return [
    {
      label: 'Available',
      about: aboutMetric('availableBytes'),
      value: bytesOr(latest?.memory.availableBytes, notKnown),
      note: latest ? `of ${formatBytes(latest.memory.totalBytes)} memory` : whyNoSample(view),
      color: 'var(--q-available)',
      testId: 'fact-available',
    },
    {
      label: 'Image cache',
      about: `${aboutMetric('imageCacheBytes')} Sampled every 2 s, by cachestat(2) or mincore(2).`,
      value: bytesOr(cache, notKnown),
      bytes: cache,
      note: latest ? `${latest.images.length} images of ${guests} guests` : whyNoSample(view),
      color: 'var(--q-image-cache)',
      testId: 'fact-image-cache',
    },
  ]
}

function winFacts(view: HostView): Fact[] {
  const { reclaimableBytes } = view
  const merged = view.latest?.ksm?.mergedBytes
  return [
    {
      label: 'Reclaimable',
      about: `Mergeable + double cached, at the last assessment or scrub. ${figureErrors.content}`,
      value: bytesOr(reclaimableBytes, notKnown),
      bytes: reclaimableBytes,
      note: reclaimableNote(view),
      color: 'var(--q-reclaimable)',
      testId: 'fact-reclaimable',
    },
    {
      label: 'Merged by KSM',
      about: aboutMetric('mergedBytes'),
      value: bytesOr(merged, notKnown),
      bytes: merged,
      note: ksmNote(view),
      color: 'var(--q-merged)',
      testId: 'fact-merged',
    },
    {
      label: 'Hit ratio',
      about: `Over the last minute. ${aboutMetric('hitRatio')}`,
      value: view.hitRatio === undefined ? notKnown : formatRatio(view.hitRatio),
      note: hitNote(view),
      color: 'var(--q-hit-ratio)',
      testId: 'fact-hit-ratio',
    },
    {
      label: 'CPU cost',
      about: `CPU time of the helper and of ksmd over the last minute, of one core, from /proc/PID/stat. ${figureErrors.recentCpu}`,
      value: view.cpuRatio === undefined ? notKnown : formatRatio(view.cpuRatio),
      note: costNote(view),
      color: 'var(--q-cpu-helper)',
      testId: 'fact-cpu',
    },
  ]
}

function reclaimableNote({ assessment, doubleCachedBytes }: HostView): string {
  if (!assessment || doubleCachedBytes === undefined) return 'press Assess to find out'
  return `${formatBytes(assessment.totals.mergeableBytes)} mergeable + ${formatBytes(doubleCachedBytes)} double cached`
}

function ksmNote(view: HostView): string {
  const { latest } = view
  if (!latest) return whyNoSample(view)
  if (!latest.ksm) return notReported
  const { settings, governors, burst } = latest.ksm
  if (burst !== undefined && burst.state !== 'stopped') return describeKsmBurst(burst)
  const state = settings.run === 1 ? 'scanning' : settings.run === 2 ? 'unmerging' : 'not scanning'
  return governors.length > 0 ? `${state}, governed by ${governors.join(', ')}` : state
}

function hitNote(view: HostView): string {
  const { latest, hitRatio, readAheadBytes } = view
  if (!latest) return whyNoSample(view)
  if (hitRatio === undefined) return 'no reads in the last minute'
  return readAheadBytes === undefined
    ? 'all guests, last minute'
    : `${formatBytes(readAheadBytes)} read ahead, beyond what guests asked for`
}

function costNote({ assessment, latest }: HostView): string {
  const held = latest ? `, helper ${formatBytes(latest.helper.rssBytes)}` : ''
  if (!assessment) return `helper + ksmd, of one core${held}`
  return `of one core; assessment ${formatSeconds(assessment.cost.cpuSeconds)}${held}`
}
