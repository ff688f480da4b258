// Turns the rounds of one run into what travels: totals since the start, shares of a core, guards and sentences.

import type { Policy } from '../../../src/shared/contract/policies.ts'
import type { GuardReading, PolicyRound } from '../../../src/shared/contract/policy-runs.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { readGuards } from '../policies/scrub-guards.ts'
import { describeRound, type Round } from './round.ts'

// A notification is one small frame: 32 KiB at most.
const maxDecisions = 32
const maxSentence = 1024
/** CPU shares are over this window. */
const cpuWindowSeconds = 60

interface CpuPoint {
  readonly atSeconds: number
  readonly helperSeconds: number
  /** Absent: ksmd is not visible from here. */
  readonly ksmdSeconds?: number
}

export class RoundTally {
  readonly #policy: Policy
  readonly #cpu: CpuPoint[] = []
  #sequence = 0
  #evictedBytes = 0
  #returnedBytes = 0
  #mergedAtStartBytes: number | undefined
  #doubleCachedBytes: number | undefined
  #hugeAtStartBytes: number | undefined
  #givenBackBytes = 0

  constructor(policy: Policy) {
    this.#policy = policy
  }

  /** `nowMillis` on the wall clock, for labels only; `helperSeconds` of CPU time since the process began. */
  add(round: Round, helperSeconds: number, nowMillis: number): PolicyRound {
    const { scrub } = round.seen
    this.#sequence += 1
    this.#count(round)
    const ksm = this.#ksmOf(round)
    const cpu = this.#cpuOf(round, helperSeconds)
    return {
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
      guards: this.#guardsOf(round, cpu),
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
      ...withValue({ potentialBytes: potential?.bytes }),
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
    while (this.#cpu.length > 2 && atSeconds - (this.#cpu[1]?.atSeconds ?? 0) >= cpuWindowSeconds)
      this.#cpu.shift()
    const first = this.#cpu[0] ?? now
    const elapsed = atSeconds - first.atSeconds
    const share = (spent: number) => (elapsed > 0 ? Math.max(0, spent) / elapsed : 0)
    return {
      helperRatio: share(helperSeconds - first.helperSeconds),
      ...(ksmdSeconds !== undefined &&
        first.ksmdSeconds !== undefined && { ksmdRatio: share(ksmdSeconds - first.ksmdSeconds) }),
    }
  }

  #guardsOf(round: Round, { ksmdRatio }: PolicyRound['cpu']): GuardReading[] {
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
        ...withValue({ value: this.#cpu.length > 1 ? ksmdRatio : undefined }),
      },
      ...brokenMerges(round),
    ]
  }
}

function brokenMerges({ broken }: Round): GuardReading[] {
  if (broken === undefined) return []
  const value = broken.brokenBytes / broken.reserveBytes
  return [{ name: 'broken merges', unit: 'ratio', value, bound: 1 }]
}

function plannedBytes(round: Round): number {
  return round.scrub.actions.reduce((sum, { pages }) => sum + pages, 0) * round.seen.scrub.pageBytes
}
