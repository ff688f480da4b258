// Contenders for KSM on guests of a size, each on guests that have just started: in huge pages, nothing merged.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { assessment } from '../../src/shared/contract/assessment.ts'
import { medianOf } from '../../src/shared/statistics/median.ts'
import type { BenchLab } from './bench-lab.ts'
import type { KsmContender } from './ksm-contenders.ts'
import {
  readHugeBytes,
  readKsmCounters,
  readKsmdCpu,
  readMerged,
  readRss,
  readZeroPages,
  resetKsm,
} from './ksm-kernel.ts'

const PAGE = 4096
const LOOK_MS = 500
/** Nothing more is freed for so long: a plateau. */
const PLATEAU_SECONDS = 30
const SETTLED_WITHIN_SECONDS = 120
/** Of all guests: no more in ten seconds. */
const SETTLED_PAGES = 256
/** No huge page comes back for so long: none will. */
const QUIET_SECONDS = 10

/** Some seconds after the start. */
const sizePoint = z.object({
  seconds: z.number(),
  /** By KSM's counters, and zeros of split huge pages, which only the guests' Rss tells. */
  freedPages: z.number(),
  /** Of these, by KSM's counters. */
  mergedPages: z.number().optional(),
  unsharedPages: z.number(),
  volatilePages: z.number(),
  hugeBytes: z.number(),
  ksmdCpuSeconds: z.number(),
})
export type SizePoint = z.infer<typeof sizePoint>

export const sizeTrial = z.object({
  contender: z.string(),
  /** By `assess`, before the start and at the end. */
  potentialBytes: z.number(),
  leftBytes: z.number(),
  /** In huge pages when scanning ended, before any were given back. */
  hugeAfterMergingBytes: z.number(),
  points: z.array(sizePoint),
  /** It has ended scanning by itself. */
  endedByItself: z.boolean(),
})
export type SizeTrial = z.infer<typeof sizeTrial>

export interface TrialEnd {
  readonly timeoutSeconds: number
  /** The contender stops scanning at its own end. */
  readonly endsByItself: boolean
}

export async function runSizeTrial(
  lab: BenchLab,
  contender: KsmContender,
  end: TrialEnd,
): Promise<SizeTrial> {
  const pids = lab.host.guests.map(({ pid }) => pid)
  await untilSettled(pids)
  resetKsm()
  const before = await lab.helper('assess', assessment)
  const from = {
    ...{ at: performance.now(), cpu: readKsmdCpu() },
    ...{ merged: readMerged(), zeros: readZeroPages(), resident: readRss(pids) },
  }
  // Zeros that ksmd replaced itself are in both, those that splits freed in the guests' Rss only.
  const freedBySplits = () => Math.max(0, from.resident - readRss(pids) - (readZeroPages() - from.zeros))
  const look = (): SizePoint => ({
    seconds: (performance.now() - from.at) / 1000,
    freedPages: readMerged() - from.merged + freedBySplits(),
    mergedPages: readMerged() - from.merged,
    ...readKsmCounters(),
    hugeBytes: readHugeBytes(pids),
    ksmdCpuSeconds: readKsmdCpu() - from.cpu,
  })
  const points = [look()]
  const running = await contender.start()
  try {
    const endedByItself = await follow(points, look, running.isOver, end)
    const hugeAfterMergingBytes = points.at(-1)?.hugeBytes ?? Number.NaN
    if (endedByItself) await untilGivenBack(pids)
    const after = await lab.helper('assess', assessment)
    points.push(look())
    return {
      contender: contender.name,
      potentialBytes: before.totals.mergeableBytes,
      leftBytes: after.totals.mergeableBytes,
      hugeAfterMergingBytes,
      points,
      endedByItself,
    }
  } finally {
    await running.stop()
    resetKsm()
  }
}

/** Guests that let root in still boot: what they touch meanwhile was in no measurement. */
async function untilSettled(pids: readonly number[]): Promise<void> {
  const deadline = performance.now() + SETTLED_WITHIN_SECONDS * 1000
  for (let before = -1; performance.now() < deadline; ) {
    const now = readRss(pids)
    if (Math.abs(now - before) < SETTLED_PAGES) return
    before = now
    await sleep(QUIET_SECONDS * 1000)
  }
}

async function follow(
  points: SizePoint[],
  look: () => SizePoint,
  isOver: () => boolean,
  { timeoutSeconds, endsByItself }: TrialEnd,
): Promise<boolean> {
  let best = { freedPages: 0, seconds: 0 }
  for (;;) {
    await sleep(LOOK_MS)
    const now = look()
    points.push(now)
    if (isOver()) return true
    if (now.freedPages > best.freedPages * 1.005 + 256) best = now
    // One that ends by itself knows better: a pass over gigabytes within a CPU budget takes minutes.
    const isPlateau = !endsByItself && best.freedPages > 0 && now.seconds - best.seconds > PLATEAU_SECONDS
    if (isPlateau || now.seconds > timeoutSeconds) return false
  }
}

/** What is left is measured first, then huge pages are given back within a budget of seconds. */
async function untilGivenBack(pids: readonly number[]): Promise<void> {
  let last = { bytes: readHugeBytes(pids), at: performance.now() }
  while (performance.now() - last.at < QUIET_SECONDS * 1000) {
    await sleep(LOOK_MS)
    const bytes = readHugeBytes(pids)
    if (bytes > last.bytes) last = { bytes, at: performance.now() }
  }
}

const marks = [5, 10, 20, 30, 60, 120]

export function formatSizeKsm(trials: readonly SizeTrial[]): string {
  const names = [...new Set(trials.map(({ contender }) => contender))]
  const of = (name: string) => trials.filter(({ contender }) => contender === name)
  const potential = medianOf(trials.map(({ potentialBytes }) => potentialBytes)) / 2 ** 20
  const rows = names.map((name) => formatContender(name, of(name)))
  return `
KSM, each contender on guests that have just started; ${potential.toFixed(0)} MiB could be freed before, by \`assess\`. *ours*: \`govern\` with
its defaults; *ksmtuned*: woken at once; *stock*: 100 pages every 20 ms. Trials: ${names.map((name) => `${name} ${of(name).length}`).join(', ')}. A trial ends
with its contender, after ${PLATEAU_SECONDS} s without gain, or by its time limit; medians.

| | freed of that | left | 90 % after | ksmd CPU | ended by itself | huge pages before | after merging | given back: at the end |
|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}

What stands in KSM's trees unmerged (\`pages_unshared\`), and what it calls changing (\`pages_volatile\`), in thousands:

| | ${marks.map((mark) => `${mark} s`).join(' | ')} |
|---|${marks.map(() => '---|').join('')}
${names.map((name) => formatOverTime(name, of(name))).join('\n')}
`
}

function formatContender(name: string, trials: readonly SizeTrial[]): string {
  const last = ({ points }: SizeTrial) => points.at(-1) as SizePoint
  const share = (trial: SizeTrial, point: SizePoint) => (point.freedPages * PAGE) / trial.potentialBytes
  const reached = trials.map(
    (trial) => trial.points.find((point) => share(trial, point) >= 0.9)?.seconds ?? Number.POSITIVE_INFINITY,
  )
  const at90 = medianOf(reached)
  const mib = (pick: (trial: SizeTrial) => number) =>
    `${(medianOf(trials.map(pick)) / 2 ** 20).toFixed(0)} MiB`
  const cells = [
    name,
    `${(100 * medianOf(trials.map((trial) => share(trial, last(trial))))).toFixed(1)} %`,
    mib(({ leftBytes }) => leftBytes),
    Number.isFinite(at90) ? `${at90.toFixed(1)} s` : 'not reached',
    `${medianOf(trials.map((trial) => last(trial).ksmdCpuSeconds)).toFixed(1)} s`,
    `${trials.filter(({ endedByItself }) => endedByItself).length} of ${trials.length}`,
    mib(({ points }) => points[0]?.hugeBytes ?? Number.NaN),
    mib(({ hugeAfterMergingBytes }) => hugeAfterMergingBytes),
    mib((trial) => last(trial).hugeBytes),
  ]
  return `| ${cells.join(' | ')} |`
}

/** A trial that has ended keeps what it ended with. */
function formatOverTime(name: string, trials: readonly SizeTrial[]): string {
  const at = (mark: number, pick: (point: SizePoint) => number) =>
    medianOf(trials.map(({ points }) => pick(points.findLast(({ seconds }) => seconds <= mark) as SizePoint)))
  const thousands = (pages: number) => (pages / 1000).toFixed(0)
  const cells = marks.map(
    (mark) =>
      `${thousands(at(mark, (point) => point.unsharedPages))}, ${thousands(at(mark, (point) => point.volatilePages))}`,
  )
  return `| ${name} | ${cells.join(' | ')} |`
}
