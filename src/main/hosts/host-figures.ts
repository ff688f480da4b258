// What a fleet row shows beyond the last sample: rates of the last minute, the sparkline, what was reclaimed.

import type { Sample, ScrubResult } from '../../shared/contract/index.ts'
import { imageKey } from '../../shared/text/image-labels.ts'
import { withValue } from '../../shared/with-value.ts'
import {
  cpuSecondsBetween,
  type GuestReads,
  hitRatioOf,
  ownCpuSecondsBetween,
  readsBetween,
  secondsBetween,
} from '../history/sample-deltas.ts'

const rateWindowMs = 60_000
const sparklineMs = 30 * 60_000
const sparklinePoints = 60
const sparklineStepMs = sparklineMs / sparklinePoints

/** What was evicted by the scrub and is still not resident, over the images that the sample reports. */
export function stillEvictedBytes(scrub: ScrubResult, latest: Sample): number {
  const resident = new Map(latest.images.map((image) => [imageKey(image), image.residentBytes]))
  return scrub.images.reduce((sum, image) => {
    const now = resident.get(imageKey(image))
    if (now === undefined) return sum
    return sum + Math.min(image.evictedBytes, Math.max(0, image.residentBeforeBytes - now))
  }, 0)
}

function guestAndCacheBytes(sample: Sample): number {
  const guests = sample.guests.reduce((sum, guest) => sum + guest.rssBytes, 0)
  return sample.images.reduce((sum, image) => sum + image.residentBytes, guests)
}

export interface Rates {
  readonly hitRatio?: number
  /** Present when the kernel fetched more than guests asked for: the hit ratio is then cut off at 0. */
  readonly readAheadBytes?: number
  readonly cpuRatio?: number
}

export interface CpuSpent {
  readonly helperSeconds: number
  /** Absent: it has been at work where /proc does not show it. */
  readonly ksmdSeconds?: number
}

/** What happened since the sample before: worked out once, since views are made twice a second. */
interface Step extends GuestReads {
  /** By this process's monotonic clock. */
  readonly arrivedMs: number
  /** 0: it begins a series, so nothing is known of the time before it. */
  readonly seconds: number
  readonly cpuSeconds: number
}

function sinceSample(before: Sample | undefined, after: Sample): Omit<Step, 'arrivedMs'> {
  const seconds = before && secondsBetween(before, after)
  if (!before || seconds === undefined) return { askedBytes: 0, fetchedBytes: 0, seconds: 0, cpuSeconds: 0 }
  const reads = [...readsBetween(before, after).values()]
  const cpuSeconds = ownCpuSecondsBetween(before, after, seconds)
  return {
    askedBytes: reads.reduce((sum, { askedBytes }) => sum + askedBytes, 0),
    fetchedBytes: reads.reduce((sum, { fetchedBytes }) => sum + fetchedBytes, 0),
    ...(cpuSeconds === undefined ? { seconds: 0, cpuSeconds: 0 } : { seconds, cpuSeconds }),
  }
}

/** The newest sample, and of those before it the figures that rates and the sparkline need, oldest dropped. */
export class HostFigures {
  readonly #recent: Step[] = []
  #latest: Sample | undefined
  readonly #sparkline: { readonly arrivedMs: number; readonly bytes: number }[] = []

  /** Since the first sample; undefined until there is one. */
  cpuSpent: CpuSpent | undefined

  /** `before`: the sample before it of the same helper, if any. `arrivedMs`: by this process's monotonic clock. */
  addSample(sample: Sample, before: Sample | undefined, arrivedMs = performance.now()): void {
    this.#addCpu(sample, before)
    this.#latest = sample
    this.#recent.push({ arrivedMs, ...sinceSample(before, sample) })
    while ((this.#recent[0]?.arrivedMs ?? arrivedMs) < arrivedMs - rateWindowMs) this.#recent.shift()
    const last = this.#sparkline.at(-1)
    if (!last || arrivedMs - last.arrivedMs >= sparklineStepMs) {
      this.#sparkline.push({ arrivedMs, bytes: guestAndCacheBytes(sample) })
    }
    while ((this.#sparkline[0]?.arrivedMs ?? arrivedMs) < arrivedMs - sparklineMs) this.#sparkline.shift()
  }

  /** A helper is started for each connection, so what it used before its first sample was for us as well. */
  #addCpu(sample: Sample, before: Sample | undefined): void {
    const elapsed = before && sample.monotonicSeconds - before.monotonicSeconds
    const { helper = 0, ksmd } =
      before && elapsed !== undefined
        ? cpuSecondsBetween(before, sample, elapsed)
        : { helper: sample.helper.cpuSeconds, ksmd: 0 }
    const isHidden = sample.ksm !== undefined && sample.ksm.counters.ksmdCpuSeconds === undefined
    const { helperSeconds, ksmdSeconds } = this.cpuSpent ?? { helperSeconds: 0, ksmdSeconds: 0 }
    const isUnknown = ksmdSeconds === undefined || (isHidden && ksmd === undefined)
    this.cpuSpent = {
      helperSeconds: helperSeconds + helper,
      ...(!isUnknown && { ksmdSeconds: ksmdSeconds + (ksmd ?? 0) }),
    }
  }

  get latest(): Sample | undefined {
    return this.#latest
  }

  sparkline(): number[] {
    const { latest } = this
    const past = this.#sparkline.map(({ bytes }) => bytes)
    return latest ? [...past, guestAndCacheBytes(latest)].slice(-sparklinePoints) : past
  }

  /** Over the samples of the last minute, those of an earlier connection included. */
  rates(): Rates {
    const steps = this.#recent
    const sum = (of: (step: Step) => number) => steps.reduce((total, step) => total + of(step), 0)
    const seconds = sum((step) => step.seconds)
    const reads = {
      askedBytes: sum(({ askedBytes }) => askedBytes),
      fetchedBytes: sum(({ fetchedBytes }) => fetchedBytes),
    }
    return {
      ...withValue({ cpuRatio: seconds > 0 ? sum(({ cpuSeconds }) => cpuSeconds) / seconds : undefined }),
      ...ratioOrReadAhead(reads),
    }
  }
}

function ratioOrReadAhead(reads: GuestReads): Rates {
  const hitRatio = hitRatioOf(reads)
  if (hitRatio === undefined) return {}
  if (hitRatio >= 0) return { hitRatio }
  return { hitRatio: 0, readAheadBytes: reads.fetchedBytes - reads.askedBytes }
}
