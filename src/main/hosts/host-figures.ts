// What a fleet row shows beyond the last sample: rates of the last minute, the sparkline, what was reclaimed.
import type { Sample, ScrubResult } from '../../shared/contract/index.ts'
import { cpuSecondsBetween, type GuestReads, hitRatioOf, readsBetween } from '../history/sample-deltas.ts'

const rateWindowMs = 60_000
const sparklineMs = 30 * 60_000
const sparklinePoints = 60
const sparklineStepMs = sparklineMs / sparklinePoints

/** What was evicted by the scrub and is still not resident, over the images that the sample reports. */
export function stillEvictedBytes(scrub: ScrubResult, latest: Sample): number {
  const resident = new Map(latest.images.map((image) => [image.path, image.residentBytes]))
  return scrub.images.reduce((sum, image) => {
    const now = resident.get(image.path)
    if (now === undefined) return sum
    return sum + Math.min(image.evictedBytes, Math.max(0, image.residentBeforeBytes - now))
  }, 0)
}

export function guestAndCacheBytes(sample: Sample): number {
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
  readonly ksmdSeconds: number
}

/** A sample, and what happened since the one before: worked out once, since views are made twice a second. */
interface Step extends GuestReads {
  readonly sample: Sample
  readonly cpuSeconds: number
}

function sinceSample(before: Sample | undefined, after: Sample): Omit<Step, 'sample'> {
  if (!before) return { askedBytes: 0, fetchedBytes: 0, cpuSeconds: 0 }
  const reads = [...readsBetween(before, after).values()]
  const { helper, ksmd } = cpuSecondsBetween(before, after)
  return {
    askedBytes: reads.reduce((sum, { askedBytes }) => sum + askedBytes, 0),
    fetchedBytes: reads.reduce((sum, { fetchedBytes }) => sum + fetchedBytes, 0),
    cpuSeconds: helper + (ksmd ?? 0),
  }
}

/** The samples that rates and the sparkline need, oldest dropped. */
export class HostFigures {
  readonly #recent: Step[] = []
  readonly #sparkline: { readonly at: number; readonly bytes: number }[] = []

  /** Since the first sample; undefined until there is one. */
  cpuSpent: CpuSpent | undefined

  add(sample: Sample): void {
    this.#addCpu(sample)
    this.#recent.push({ sample, ...sinceSample(this.latest, sample) })
    while ((this.#recent[0]?.sample.at ?? sample.at) < sample.at - rateWindowMs) this.#recent.shift()
    const last = this.#sparkline.at(-1)
    if (!last || sample.at - last.at >= sparklineStepMs) {
      this.#sparkline.push({ at: sample.at, bytes: guestAndCacheBytes(sample) })
    }
    while ((this.#sparkline[0]?.at ?? sample.at) < sample.at - sparklineMs) this.#sparkline.shift()
  }

  #addCpu(sample: Sample): void {
    const { latest, cpuSpent } = this
    const { helper, ksmd = 0 } = latest
      ? cpuSecondsBetween(latest, sample)
      : { helper: sample.helper.cpuSeconds, ksmd: 0 }
    this.cpuSpent = {
      helperSeconds: (cpuSpent?.helperSeconds ?? 0) + helper,
      ksmdSeconds: (cpuSpent?.ksmdSeconds ?? 0) + ksmd,
    }
  }

  get latest(): Sample | undefined {
    return this.#recent.at(-1)?.sample
  }

  sparkline(): number[] {
    const { latest } = this
    const past = this.#sparkline.map(({ bytes }) => bytes)
    return latest ? [...past, guestAndCacheBytes(latest)].slice(-sparklinePoints) : past
  }

  rates(): Rates {
    const steps = this.#recent.slice(1)
    const sum = (of: (step: Step) => number) => steps.reduce((total, step) => total + of(step), 0)
    const [first, latest] = [this.#recent[0]?.sample, this.latest]
    if (!first || !latest || first.at === latest.at) return {}
    const reads = {
      askedBytes: sum(({ askedBytes }) => askedBytes),
      fetchedBytes: sum(({ fetchedBytes }) => fetchedBytes),
    }
    const cpuRatio = sum(({ cpuSeconds }) => cpuSeconds) / ((latest.at - first.at) / 1000)
    return { cpuRatio, ...ratioOrReadAhead(reads) }
  }
}

function ratioOrReadAhead(reads: GuestReads): Rates {
  const hitRatio = hitRatioOf(reads)
  if (hitRatio === undefined) return {}
  if (hitRatio >= 0) return { hitRatio }
  return { hitRatio: 0, readAheadBytes: reads.fetchedBytes - reads.askedBytes }
}
