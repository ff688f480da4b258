// What happened on a host between the samples of a phase. Pure.
import {
  type GuestPhase,
  maxExperimentGuests,
  type PhaseFigures,
  type Sample,
  type SampledGuest,
} from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import { labelGuests } from '../history/guest-labels.ts'
import { ownCpuSecondsBetween, readsBetween } from '../history/sample-deltas.ts'
import { pageBytes } from './metric-values.ts'

/** Samples of one helper, in their order; between samples of two helpers nothing is known. */
export function measurePhase(samples: readonly Sample[]): PhaseFigures {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined) return { seconds: 0, guests: [] }
  const seconds = last.monotonicSeconds - first.monotonicSeconds
  if (seconds <= 0) return { seconds: 0, guests: [] }
  const ownSeconds = ownCpuSecondsBetween(first, last, seconds)
  const pressures = samples.flatMap(({ gauges }) => gauges.memorySomePressureRatio ?? [])
  return {
    seconds,
    guests: guestsOf(samples, first, last),
    memoryBytes: Math.round(meanOf(samples.map(usedBytes))),
    imageCacheBytes: Math.round(meanOf(samples.map(imageCacheBytes))),
    ...withValue({
      guestsCarried: guestsCarriedOf(samples),
      cpuRatio: ownSeconds === undefined ? undefined : ownSeconds / seconds,
      otherCpuRatio:
        ownSeconds === undefined ? undefined : otherCpuRatio(first, last, { seconds, ownSeconds }),
      pressureRatio: pressures.length === 0 ? undefined : Math.max(...pressures),
    }),
  }
}

/** The kernel's work for guests included, so it says something only beside other phases. undefined: not reported. */
function otherCpuRatio(
  first: Sample,
  last: Sample,
  { seconds, ownSeconds }: { readonly seconds: number; readonly ownSeconds: number },
): number | undefined {
  if (first.busyCpuSeconds === undefined || last.busyCpuSeconds === undefined) return undefined
  const guestSeconds = last.guests.reduce((sum, { pid, name, cpuSeconds = 0 }) => {
    const before = first.guests.find((guest) => guest.pid === pid && guest.name === name)?.cpuSeconds
    return sum + Math.max(0, cpuSeconds - (before ?? cpuSeconds))
  }, 0)
  return Math.max(0, last.busyCpuSeconds - first.busyCpuSeconds - guestSeconds - ownSeconds) / seconds
}

function guestsOf(samples: readonly Sample[], first: Sample, last: Sample): GuestPhase[] {
  const reads = readsBetween(first, last)
  const labels = labelGuests(last.guests)
  const all = last.guests.map((guest, index): GuestPhase => {
    // Two guests of one name stay two.
    const name = labels[index] ?? guest.name
    const read = reads.get(name)
    const requests = requestsBetween(samples, guest)
    const pages = read && Math.round(read.askedBytes / pageBytes)
    return {
      name,
      pid: guest.pid,
      ...withValue({
        ...read,
        reads: requests?.reads ?? pages,
        readsInPages: requests === undefined && pages !== undefined ? true : undefined,
        readLatencySeconds: requests?.readLatencySeconds,
      }),
    }
  })
  return all.length <= maxExperimentGuests ? all : busiest(all)
}

function busiest(guests: readonly GuestPhase[]): GuestPhase[] {
  return guests.toSorted((a, b) => (b.reads ?? 0) - (a.reads ?? 0)).slice(0, maxExperimentGuests)
}

/** A sample takes a moment: guests' monitors are asked before the time of the sample is taken. */
const sampleSeconds = 0.5
/** Of a phase: answers of a shorter part of it do not tell what happened in the rest. */
const leastAskedShare = 0.5

/**
 * Requests as the hypervisor counts them: those between the first and the last time that it was asked within the phase,
 * scaled to all of it. A monitor that answers late, or fails at times, was not asked at its very ends.
 */
function requestsBetween(
  samples: readonly Sample[],
  { pid, name }: SampledGuest,
): Pick<GuestPhase, 'reads' | 'readLatencySeconds'> | undefined {
  const [begin, end] = [samples[0], samples.at(-1)]
  if (begin === undefined || end === undefined) return undefined
  const told = samples.flatMap(({ guests }) => {
    const reads = guests.find((guest) => guest.pid === pid && guest.name === name)?.diskReads
    return reads === undefined || reads.monotonicSeconds < begin.monotonicSeconds - sampleSeconds ? [] : reads
  })
  const [first, last] = [told[0], told.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const elapsed = last.monotonicSeconds - first.monotonicSeconds
  const requests = last.readRequests - first.readRequests
  const seconds = end.monotonicSeconds - begin.monotonicSeconds
  if (elapsed <= 0 || elapsed < leastAskedShare * seconds || requests < 0) return undefined
  const timed =
    first.readSeconds === undefined || last.readSeconds === undefined
      ? undefined
      : last.readSeconds - first.readSeconds
  return {
    reads: Math.round((requests * seconds) / elapsed),
    ...withValue({
      readLatencySeconds: timed !== undefined && timed > 0 && requests > 0 ? timed / requests : undefined,
    }),
  }
}

function imageCacheBytes({ images }: Sample): number {
  return images.reduce((sum, { residentBytes }) => sum + residentBytes, 0)
}

function usedBytes(sample: Sample): number {
  return guestBytes(sample) + imageCacheBytes(sample)
}

/** A merged page counts once. */
function guestBytes({ guests, ksm }: Sample): number {
  const rss = guests.reduce((sum, { rssBytes }) => sum + rssBytes, 0)
  return Math.max(0, rss - (ksm?.mergedBytes ?? 0))
}

/**
 * Guests that memory carries: what they take now and what is available (cache that can go included), over what one of
 * them takes on average. undefined: no guest ran.
 */
function guestsCarriedOf(samples: readonly Sample[]): number | undefined {
  const carried = samples.flatMap((sample) => {
    const used = guestBytes(sample)
    return used > 0 ? [(sample.guests.length * (used + sample.memory.availableBytes)) / used] : []
  })
  return carried.length === 0 ? undefined : meanOf(carried)
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
