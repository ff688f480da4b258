// The reserve for merged pages that break. Each break takes a page of its own: where they come faster than the reserve
// allows, room is made before the kernel has to choose whom to end. Pure.
import type { Guards, KsmPolicy } from '../../../src/shared/contract/policies.ts'
import { formatBytes } from '../../../src/shared/units.ts'

/** One look at the kernel's counter. */
interface BreakLook {
  /** On a clock that only goes forward. */
  readonly atSeconds: number
  /** Cumulative since boot. */
  readonly brokenBytes: number
}

export interface ReserveState {
  /** Of the last minute, oldest first. */
  readonly looks: readonly BreakLook[]
  /** Breaks outran the reserve then, and have not been quiet since. */
  readonly outrunSince: number | undefined
}

export interface BreakWave {
  /** Broken within the last minute. */
  readonly brokenBytes: number
  readonly bytesPerSecond: number
}

export const initialReserve: ReserveState = { looks: [], outrunSince: undefined }

const windowSeconds = 60
/** The rate is that of so long: one look of a kernel that counts in batches is no rate. */
const rateSeconds = 2
/** Below this a wave is no reason to act, however small the reserve. */
const minWaveBytes = 16 * 2 ** 20
/** A rate that spends the reserve within so long outruns it already. */
const soonSeconds = 10
/** Quiet: what breaks in this time is less than a tenth of the reserve. */
const quietSeconds = 10
/** Room is made for so long at the rate seen. */
const aheadSeconds = 30
/** Memory and cache that last no longer at this rate: nothing is to be merged or split any more. */
const dangerSeconds = 60

/** Bytes that the policy keeps for what is merged now; 0: nothing is kept, and nothing guarded. */
export function reserveBytesOf(
  { mode, reserveBytes, reserveRatio }: Pick<KsmPolicy, 'mode' | 'reserveBytes' | 'reserveRatio'>,
  mergedBytes: number,
): number {
  return mode === 'govern' ? Math.max(reserveBytes, Math.round(reserveRatio * mergedBytes)) : 0
}

/** Takes a look in. A counter that went back is that of another boot, and starts anew. */
export function followBreaks(state: ReserveState, look: BreakLook, reserveBytes: number): ReserveState {
  const last = state.looks.at(-1)
  const isAnew =
    last !== undefined && (look.brokenBytes < last.brokenBytes || look.atSeconds < last.atSeconds)
  const kept = isAnew
    ? []
    : state.looks.filter(({ atSeconds }) => look.atSeconds - atSeconds <= windowSeconds)
  const looks = [...kept, look]
  const wave = waveOf(looks)
  if (reserveBytes <= 0) return { looks, outrunSince: undefined }
  if (state.outrunSince !== undefined)
    return { looks, outrunSince: isQuiet(looks, reserveBytes) ? undefined : state.outrunSince }
  return { looks, outrunSince: hasOutrun(wave, reserveBytes) ? look.atSeconds : undefined }
}

/** What has broken of late. */
export function waveOf(looks: readonly BreakLook[]): BreakWave {
  const [first, last] = [looks[0], looks.at(-1)]
  if (first === undefined || last === undefined) return { brokenBytes: 0, bytesPerSecond: 0 }
  const from = looks.findLast(({ atSeconds }) => last.atSeconds - atSeconds >= rateSeconds) ?? first
  const elapsed = last.atSeconds - from.atSeconds
  return {
    brokenBytes: last.brokenBytes - first.brokenBytes,
    bytesPerSecond: elapsed > 0 ? (last.brokenBytes - from.brokenBytes) / elapsed : 0,
  }
}

function hasOutrun({ brokenBytes, bytesPerSecond }: BreakWave, reserveBytes: number): boolean {
  if (brokenBytes < minWaveBytes) return false
  return brokenBytes >= reserveBytes || bytesPerSecond * soonSeconds >= reserveBytes
}

function isQuiet(looks: readonly BreakLook[], reserveBytes: number): boolean {
  const last = looks.at(-1)
  if (last === undefined) return true
  const from = looks.findLast(({ atSeconds }) => last.atSeconds - atSeconds >= quietSeconds)
  if (from === undefined) return false
  return last.brokenBytes - from.brokenBytes < Math.max(minWaveBytes, reserveBytes) / 10
}

export interface ReserveNeed {
  /** To be evicted now. */
  readonly evictBytes: number
  /** What all that is still merged would take beyond free memory and cache; 0: it fits. */
  readonly missingBytes: number
  /** Free memory and cache are gone within a minute at this rate. */
  readonly isDangerous: boolean
}

interface ReserveMemory {
  /** As KSM counts them, which it corrects only when ksmd comes by again. */
  readonly mergedBytes: number
  /** What guests can take before the kernel has to choose which cache goes for it. */
  readonly freeBytes: number
  /** With the cache that goes for it, but without that of images. */
  readonly availableBytes: number
  /** Cache of images. */
  readonly cacheBytes: number
}

/** What guests need of memory at the rate of `wave`. */
export function needOf(wave: BreakWave, reserveBytes: number, memory: ReserveMemory): ReserveNeed {
  const leftBytes = Math.max(0, memory.mergedBytes - wave.brokenBytes)
  const wantedBytes = Math.min(leftBytes, Math.max(reserveBytes, wave.bytesPerSecond * aheadSeconds))
  const lastBytes = memory.availableBytes + memory.cacheBytes
  return {
    evictBytes: Math.max(0, Math.min(memory.cacheBytes, Math.round(wantedBytes - memory.freeBytes))),
    missingBytes: Math.max(0, leftBytes - lastBytes),
    isDangerous: wave.bytesPerSecond * dangerSeconds > lastBytes,
  }
}

interface ReserveActs extends Pick<ReserveNeed, 'missingBytes'>, Pick<Guards, 'dryRun'> {
  /** Also in a dry run of scrubbing. */
  readonly stopsMerging: boolean
}

/** The sentences that say what is seen and done, and what an admin should do. */
export function describeReserve(
  wave: BreakWave,
  reserveBytes: number,
  { missingBytes, stopsMerging, dryRun }: ReserveActs,
  guests: readonly { readonly name: string; readonly mergedBytes?: number }[],
): string[] {
  const rate = `${formatBytes(wave.bytesPerSecond)}/s`
  const seen = `reserve: ${formatBytes(wave.brokenBytes)} of merged pages broke within a minute (${rate}), the reserve is ${formatBytes(reserveBytes)}: ${dryRun ? 'would make' : 'makes'} room${stopsMerging ? ', and stops merging' : ''}`
  const largest = guests.toSorted((a, b) => (b.mergedBytes ?? 0) - (a.mergedBytes ?? 0))[0]
  if (missingBytes === 0) return [seen]
  const move = largest === undefined ? 'a guest' : `guest ${largest.name}`
  return [
    seen,
    `reserve: if all merged pages break, ${formatBytes(missingBytes)} are missing: move ${move} to another host, or give this one as much memory`,
  ]
}
