// Benchmark 3: how fast and at what price KSM frees what could be freed, by our governor and by others.
import { setTimeout as sleep } from 'node:timers/promises'
import { assessment } from '../../src/shared/contract/assessment.ts'
import { withValue } from '../../src/shared/with-value.ts'
import type { BenchLab } from './bench-lab.ts'
import type { KsmContender } from './ksm-contenders.ts'
import {
  readCompared,
  readKsmdCpu,
  readMerged,
  readRss,
  readScans,
  readZeroPages,
  resetKsm,
} from './ksm-kernel.ts'

const PAGE = 4096
const LOOK_MS = 20

/** What was freed and ksmd's CPU time, some seconds after the start. */
export interface KsmPoint {
  readonly seconds: number
  readonly mergedPages: number
  /** Zero pages of huge pages that merging split: no counter of KSM has them, the guests' Rss falls by them. */
  readonly splitPages: number
  readonly ksmdCpuSeconds: number
  /** Pages in the unstable tree, and pages that ksmd has not compared: a pass that compares nothing shows here. */
  readonly unsharedPages: number
  readonly volatilePages: number
}

export interface KsmTrial {
  readonly contender: string
  /** Pages that could be merged before the start, by our own snapshot: the same measure for all. */
  readonly potentialPages: number
  readonly points: readonly KsmPoint[]
  readonly at90: KsmPoint | undefined
  readonly end: KsmPoint
  /** Still mergeable at the end, by the same snapshot. */
  readonly leftPages: number
  /** Shares of one core after the end, while guests idle. */
  readonly steady: { readonly seconds: number; readonly ksmdRatio: number; readonly helperRatio: number }
}

export function freedPages({
  mergedPages,
  splitPages,
}: Pick<KsmPoint, 'mergedPages' | 'splitPages'>): number {
  return mergedPages + splitPages
}

export interface TrialPlan {
  readonly timeoutSeconds: number
  readonly steadySeconds: number
  readonly settleSeconds?: number
}

/** Unmerges everything, puts the kernel's defaults in place, and lets one contender work until it has reached its end. */
export async function runTrial(lab: BenchLab, contender: KsmContender, plan: TrialPlan): Promise<KsmTrial> {
  resetKsm()
  const before = await lab.helper('assess', assessment)
  const potentialPages = before.totals.mergeableBytes / PAGE
  const guests = lab.host.guests.map(({ pid }) => pid)
  const from = {
    ...{ at: performance.now(), cpu: readKsmdCpu() },
    ...{ merged: readMerged(), zeros: readZeroPages(), resident: readRss(guests) },
  }
  const look = (): KsmPoint => ({
    seconds: (performance.now() - from.at) / 1000,
    mergedPages: readMerged() - from.merged,
    // Zeros that ksmd replaced itself are among the merged pages already.
    splitPages: from.resident - readRss(guests) - (readZeroPages() - from.zeros),
    ksmdCpuSeconds: readKsmdCpu() - from.cpu,
    ...readCompared(),
  })
  const running = await contender.start()
  try {
    const followed = await follow(look, running.isOver, potentialPages, plan.timeoutSeconds)
    const steady = await watchSteady(running.helperCpuSeconds, plan)
    const leftPages = (await lab.helper('assess', assessment)).totals.mergeableBytes / PAGE
    return { contender: contender.name, potentialPages, ...followed, leftPages, steady }
  } finally {
    await running.stop()
    resetKsm()
  }
}

async function follow(
  look: () => KsmPoint,
  isOver: () => boolean,
  potentialPages: number,
  timeoutSeconds: number,
): Promise<Pick<KsmTrial, 'points' | 'at90' | 'end'>> {
  const points: KsmPoint[] = []
  let at90: KsmPoint | undefined
  let end = look()
  // Once the pass has ended in which the last pages were merged, nothing more comes.
  let scansAtEnd = readScans()
  for (;;) {
    await sleep(LOOK_MS)
    const now = look()
    if (points.length === 0 || now.seconds - (points.at(-1)?.seconds ?? 0) >= 0.2) points.push(now)
    if (freedPages(now) >= 0.9 * potentialPages) at90 ??= now
    // The end is where the plateau was reached, not where it was believed.
    if (freedPages(now) > freedPages(end) + Math.max(64, 0.005 * potentialPages)) {
      end = now
      scansAtEnd = readScans()
    }
    const isQuiet = at90 !== undefined && readScans() > scansAtEnd
    if (isOver()) return { points, at90, end: now }
    if (isQuiet || now.seconds >= timeoutSeconds) return { points, at90, end }
  }
}

async function watchSteady(
  helperCpuSeconds: () => number,
  { steadySeconds: seconds, settleSeconds = 5 }: TrialPlan,
): Promise<KsmTrial['steady']> {
  if (seconds === 0) return { seconds, ksmdRatio: Number.NaN, helperRatio: Number.NaN }
  await sleep(settleSeconds * 1000)
  const from = { at: performance.now(), ksmd: readKsmdCpu(), helper: helperCpuSeconds() }
  await sleep(seconds * 1000)
  const elapsed = (performance.now() - from.at) / 1000
  return {
    seconds: elapsed,
    ksmdRatio: (readKsmdCpu() - from.ksmd) / elapsed,
    helperRatio: (helperCpuSeconds() - from.helper) / elapsed,
  }
}

/** Rounds of all contenders, interleaved; after one merge that counts for nothing: it splits the huge pages. */
export async function measureKsm(
  lab: BenchLab,
  contenders: readonly KsmContender[],
  plan: {
    readonly rounds: number
    readonly warmUp: KsmContender
    /** Of one trial: for contenders that never reach 90 % and do not end by themselves. */
    readonly timeoutSeconds: number
    readonly say: (line: string) => void
  },
): Promise<KsmTrial[]> {
  await runTrial(lab, plan.warmUp, { timeoutSeconds: 60, steadySeconds: 0 })
  const trials: KsmTrial[] = []
  for (let round = 0; round < plan.rounds; round += 1)
    for (const contender of contenders) {
      // Long enough for 1 % of a core to be told from nothing; once, as it takes longer than the merging.
      const steadySeconds = round === 0 ? contender.steadySeconds : 0
      if (round >= (contender.maxRounds ?? plan.rounds)) continue
      const { timeoutSeconds } = plan
      const settle = withValue({ settleSeconds: contender.settleSeconds })
      const trial = await runTrial(lab, contender, { timeoutSeconds, steadySeconds, ...settle })
      plan.say(describeTrial(trial))
      trials.push(trial)
    }
  return trials
}

function describeTrial({ contender, at90, end, potentialPages, steady }: KsmTrial): string {
  const when =
    at90 === undefined ? 'never' : `${at90.seconds.toFixed(1)} s, ${at90.ksmdCpuSeconds.toFixed(2)} s of CPU`
  const share = ((100 * freedPages(end)) / potentialPages).toFixed(1)
  return `${contender}: 90 % after ${when}; ${share} % at the end; steady ${(100 * (steady.ksmdRatio + steady.helperRatio)).toFixed(2)} %`
}
