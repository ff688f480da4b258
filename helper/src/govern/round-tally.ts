// Turns the rounds of one run into what travels: totals since the start, shares of a core, guards and sentences.

import type { Policy } from '../../../src/shared/contract/policies.ts'
import type { GuardReading, PolicyRound } from '../../../src/shared/contract/policy-runs.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { KsmAction } from '../policies/ksm-observation.ts'
import { readGuards } from '../policies/scrub-guards.ts'
import { describeRound, type Round } from './round.ts'

// A notification is one small frame: 32 KiB at most.
const maxDecisions = 32
const maxSentence = 1024
/** Of the CPU shares that are shown; the guard has the window of its policy. */
const shownWindowSeconds = 60

interface CpuPoint {
  readonly atSeconds: number
  readonly helperSeconds: number
  /** Absent: ksmd is not visible from here. */
  readonly ksmdSeconds?: number
}

export class RoundTally {
  readonly #policy: Policy
  readonly #runId: string
  readonly #cpu: CpuPoint[] = []
  #sequence = 0
  #evictedBytes = 0
  #returnedBytes = 0
  #mergedAtStartBytes: number | undefined
  #doubleCachedBytes: number | undefined
  #hugeAtStartBytes: number | undefined
  #givenBackBytes = 0

  constructor(policy: Policy, runId: string) {
    this.#policy = policy
    this.#runId = runId
  }

  /** `nowMillis` on the wall clock, for labels only; `helperSeconds` of CPU time since the process began. */
  addRound(round: Round, helperSeconds: number, nowMillis: number): PolicyRound {
    const { scrub } = round.seen
    this.#sequence += 1
    this.#count(round)
    const ksm = this.#ksmOf(round)
    const cpu = this.#cpuOf(round, helperSeconds)
    return {
      runId: this.#runId,
      at: nowMillis,
      sequence: this.#sequence,
      imageCacheBytes: scrub.memory.imageCachePages * scrub.pageBytes,
      imageCacheLimitBytes: scrub.memory.imageCacheLimitPages * scrub.pageBytes,
      ...withValue({ doubleCachedBytes: this.#doubleCachedBytes }),
      evictedBytes: this.#evictedBytes,
      returnedBytes: this.#returnedBytes,
      ...(round.scrub.dryRun && { wouldEvictBytes: plannedBytes(round) }),
      ...withValue({
        readLatencySeconds: scrub.readLatencySeconds,
        memoryPressureRatio: scrub.memory.pressureRatio,
        ksm,
        hugePages: this.#hugePagesOf(round),
      }),
      cpu,
      guards: this.#guardsOf(round),
      decisions: describeRound(round)
        .slice(0, maxDecisions)
        .map((line) => line.slice(0, maxSentence)),
    }
  }

  #count(round: Round): void {
    const { images, pageBytes } = round.seen.scrub
    let doubleCachedPages: number | undefined
    for (const { regions } of images)
      for (const region of regions) {
        this.#returnedBytes += region.returnedPages * pageBytes
        if (region.doubleCachedPages !== undefined)
          doubleCachedPages = (doubleCachedPages ?? 0) + region.doubleCachedPages
      }
    for (const { evictedPages } of round.evicted) this.#evictedBytes += evictedPages * pageBytes
    if (doubleCachedPages !== undefined) this.#doubleCachedBytes = doubleCachedPages * pageBytes
  }

  #ksmOf({ seen, ksm: plan }: Round): PolicyRound['ksm'] {
    if (seen.ksm === undefined) return undefined
    const { counters, pageBytes, run, potential } = seen.ksm
    const mergedBytes = (counters.pagesSharing + (counters.ksmZeroPages ?? 0)) * pageBytes
    this.#mergedAtStartBytes ??= mergedBytes
    return {
      scanning: run === 1,
      bursting: plan?.state.burst !== undefined,
      mergedBytes,
      mergedSinceBytes: mergedBytes - this.#mergedAtStartBytes,
      ...withValue({
        potentialBytes: potential?.bytes,
        switchedGuests: plan?.actions.filter(isSwitch).length || undefined,
      }),
    }
  }

  #hugePagesOf({ seen, givenBack }: Round): PolicyRound['hugePages'] {
    this.#givenBackBytes += givenBack?.bytes ?? 0
    const nowBytes = seen.ksm?.memory.hugePageBytes
    if (nowBytes === undefined) return undefined
    this.#hugeAtStartBytes ??= nowBytes
    return { atStartBytes: this.#hugeAtStartBytes, nowBytes, givenBackBytes: this.#givenBackBytes }
  }

  #cpuOf({ seen }: Round, helperSeconds: number): PolicyRound['cpu'] {
    const ksmdSeconds = seen.ksm?.counters.ksmdCpuSeconds
    const { atSeconds } = seen.scrub
    const now = { atSeconds, helperSeconds, ...withValue({ ksmdSeconds }) }
    this.#cpu.push(now)
    const longest = Math.max(shownWindowSeconds, this.#policy.ksm.cpuWindowSeconds)
    while (atSeconds - (this.#cpu[1]?.atSeconds ?? atSeconds) >= longest) this.#cpu.shift()
    const first = this.#cpuBefore(shownWindowSeconds) ?? now
    const elapsed = atSeconds - first.atSeconds
    const helperRatio = elapsed > 0 ? Math.max(0, helperSeconds - first.helperSeconds) / elapsed : 0
    return { helperRatio, ...withValue({ ksmdRatio: this.#ksmdRatio(shownWindowSeconds) }) }
  }

  /** The last point that is a window old, or the oldest that there is. */
  #cpuBefore(windowSeconds: number): CpuPoint | undefined {
    const until = (this.#cpu.at(-1)?.atSeconds ?? 0) - windowSeconds
    return this.#cpu.findLast(({ atSeconds }) => atSeconds <= until) ?? this.#cpu[0]
  }

  /** Of one core, over the window. Undefined: ksmd is not visible from here. 0 after the first look. */
  #ksmdRatio(windowSeconds: number): number | undefined {
    const [first, last] = [this.#cpuBefore(windowSeconds), this.#cpu.at(-1)]
    if (first?.ksmdSeconds === undefined || last?.ksmdSeconds === undefined) return undefined
    const elapsed = last.atSeconds - first.atSeconds
    return elapsed > 0 ? Math.max(0, last.ksmdSeconds - first.ksmdSeconds) / elapsed : 0
  }

  #guardsOf(round: Round): GuardReading[] {
    const { scrub, ksm } = this.#policy
    const { atSeconds } = round.seen.scrub
    const readings = readGuards(scrub.guards, round.scrub.state.guards, atSeconds)
    if (ksm.mode === 'observe') return readings
    return [
      ...readings,
      {
        name: 'CPU',
        unit: 'ratio',
        bound: ksm.cpuRatio,
        // One look tells no share yet.
        ...withValue({ value: this.#cpu.length > 1 ? this.#ksmdRatio(ksm.cpuWindowSeconds) : undefined }),
      },
      ...brokenMerges(round),
    ]
  }
}

function isSwitch({ kind }: KsmAction): boolean {
  return kind === 'merge-on' || kind === 'merge-off'
}

function brokenMerges({ broken }: Round): GuardReading[] {
  if (broken === undefined) return []
  const value = broken.brokenBytes / broken.reserveBytes
  return [{ name: 'broken merges', unit: 'ratio', value, bound: 1 }]
}

function plannedBytes(round: Round): number {
  return round.scrub.actions.reduce((sum, { pages }) => sum + pages, 0) * round.seen.scrub.pageBytes
}

/** Of one answer. Decisions name images, whose paths are as long as whoever made them likes. */
const maxRoundsBytes = 2 * 2 ** 20

/** As many of the newest as an answer has room for. Pure. */
export function newestRounds(
  rounds: readonly PolicyRound[],
  maxBytes = maxRoundsBytes,
): readonly PolicyRound[] {
  let left = maxBytes
  const tooOld = rounds.findLastIndex((round) => {
    left -= Buffer.byteLength(JSON.stringify(round))
    return left < 0
  })
  return rounds.slice(tooOld + 1)
}
