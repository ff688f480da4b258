// The whole command `assess` on guests of a size, its start and summary included, beside copying the same pages alone.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { assessment } from '../../src/shared/contract/assessment.ts'
import { medianOf } from '../../src/shared/statistics/median.ts'
import type { BenchLab } from './bench-lab.ts'

const engine = z.object({
  presentPages: z.number(),
  rounds: z.array(z.object({ copy: z.object({ pages: z.number(), seconds: z.number() }) })),
})

/** Seconds by the clock; those of `assess` from the start of its process to its end. */
export const assessRound = z.object({
  pages: z.number(),
  copySeconds: z.number(),
  /** Of two that copy the same at once: what a second core is worth to memory here. Absent: an earlier benchmark wrote it. */
  twoCopiesSeconds: z.number().optional(),
  assessSeconds: z.number(),
  twoThreadsSeconds: z.number(),
  peakRssBytes: z.number(),
  /** Page cache of images, which the command looks through as well. Absent: an earlier benchmark wrote it. */
  imageCacheBytes: z.number().optional(),
  /** Of one core, what other programs took during the round. */
  otherCpuRatio: z.number(),
})
export type AssessRound = z.infer<typeof assessRound>

/** So much of a core that others take makes a round tell more of them. */
const quietCpuRatio = 0.25
const maxAttempts = 4
const quietWithinMs = 120_000

/** Rounds of all three in turns, each while nothing else works here; one that others disturbed is measured again. */
export async function measureAssess(
  lab: BenchLab,
  rounds: number,
  say: (line: string) => void,
): Promise<AssessRound[]> {
  const measured: AssessRound[] = []
  let attempts = 0
  while (measured.length < rounds) {
    await untilQuiet()
    attempts += 1
    const round = await measureRound(lab)
    const isQuiet = round.otherCpuRatio <= quietCpuRatio
    say(`${describeRound(round)}${isQuiet ? '' : ': disturbed'}`)
    if (isQuiet || attempts >= maxAttempts * rounds) measured.push(round)
  }
  return measured
}

async function measureRound(lab: BenchLab): Promise<AssessRound> {
  const began = { at: performance.now(), ...readProcessorTimes() }
  const copy = () => lab.engine('--rounds 1 --no-images', engine)
  const copied = await copy()
  const both = await Promise.all([copy(), copy()])
  const one = await timeAssess(lab, '')
  const two = await timeAssess(lab, ' --threads 2')
  return {
    pages: copied.presentPages,
    copySeconds: copySecondsOf(copied),
    twoCopiesSeconds: Math.max(...both.map(copySecondsOf)),
    assessSeconds: one.seconds,
    twoThreadsSeconds: two.seconds,
    peakRssBytes: one.peakRssBytes,
    imageCacheBytes: one.imageCacheBytes,
    otherCpuRatio: otherCpuSince(began),
  }
}

function copySecondsOf({ rounds: [round] }: z.infer<typeof engine>): number {
  return round?.copy.seconds ?? Number.NaN
}

function describeRound({
  copySeconds,
  assessSeconds,
  twoThreadsSeconds,
  otherCpuRatio,
}: AssessRound): string {
  const seconds = [`copy ${copySeconds.toFixed(2)} s`, `assess ${assessSeconds.toFixed(2)} s`]
  return `${seconds.join(', ')}, two threads ${twoThreadsSeconds.toFixed(2)} s; others ${otherCpuRatio.toFixed(2)} of a core`
}

/** Gives up after a while: the round then tells how much others took. */
async function untilQuiet(): Promise<void> {
  const deadline = performance.now() + quietWithinMs
  for (;;) {
    const began = { at: performance.now(), ...readProcessorTimes() }
    await sleep(1000)
    if (otherCpuSince(began) <= quietCpuRatio / 2 || performance.now() > deadline) return
  }
}

interface ProcessorTimes {
  readonly busySeconds: number
  /** Of this process and its children that have ended. */
  readonly ownSeconds: number
}

function readProcessorTimes(): ProcessorTimes {
  // USER_HZ is 100 on every architecture that Node runs on.
  const words = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/).slice(1).map(Number) ?? []
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = words
  const own = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ').map(Number) ?? []
  // utime, stime, cutime and cstime.
  const ownTicks = own.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0)
  return { busySeconds: (user + nice + system + irq + softIrq) / 100, ownSeconds: ownTicks / 100 }
}

function otherCpuSince(began: ProcessorTimes & { readonly at: number }): number {
  const now = readProcessorTimes()
  const others = now.busySeconds - began.busySeconds - (now.ownSeconds - began.ownSeconds)
  return Math.max(0, others / ((performance.now() - began.at) / 1000))
}

async function timeAssess(lab: BenchLab, option: string) {
  const began = performance.now()
  const { cost, totals } = await lab.helper(`assess${option}`, assessment)
  const seconds = (performance.now() - began) / 1000
  return { seconds, peakRssBytes: cost.peakRssBytes, imageCacheBytes: totals.imageCacheBytes }
}

/** The goals are of guests without images. */
export function formatAssess(rounds: readonly AssessRound[]): string {
  const pages = rounds[0]?.pages ?? 0
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
  const seconds = (pick: (round: AssessRound) => number) => `${medianOf(rounds.map(pick)).toFixed(2)} s`
  const ratio = medianOf(rounds.map(({ copySeconds, assessSeconds }) => copySeconds / assessSeconds))
  const quiet = rounds.filter(({ otherCpuRatio }) => otherCpuRatio <= quietCpuRatio)
  const threads = medianOf(quiet.map((round) => round.assessSeconds / round.twoThreadsSeconds))
  const copies = quiet.map(
    ({ copySeconds, twoCopiesSeconds = Number.NaN }) => (2 * copySeconds) / twoCopiesSeconds,
  )
  const images = Math.max(...rounds.map(({ imageCacheBytes = 0 }) => imageCacheBytes))
  const goal = (text: string) => (images > 0 ? '' : text)
  const disturbed = Math.max(...rounds.map(({ otherCpuRatio }) => otherCpuRatio))
  return `
\`singleton-helper assess --json\` beside \`test/bench/engine\`, which copies the same ${((pages * 4096) / 2 ** 30).toFixed(2)} GiB of RAM and looks at
nothing; by the clock, medians of ${rounds.length} interleaved rounds, during which other programs took at most
${disturbed.toFixed(2)} of a core.${images === 0 ? '' : ` The command also looks through ${mib(images)} of images in the page cache, which copying leaves out.`}

| figure | measured | goal |
|---|---|---|
| copying alone | ${seconds(({ copySeconds }) => copySeconds)} | |
| the whole command, one thread | ${seconds(({ assessSeconds }) => assessSeconds)} | |
| of copying alone | ${(ratio * 100).toFixed(1)} % | ${goal('at least 45 %')} |
| two threads, of one, where both cores are idle | ${quiet.length > 0 ? `${threads.toFixed(2)}x` : 'not measured: in no round they were'} | ${goal('at least 1.6x')} |
| two that copy at once, of one that copies as much | ${copies.length > 0 ? `${medianOf(copies).toFixed(2)}x` : 'not measured'} | |
| memory at its peak | ${mib(Math.max(...rounds.map(({ peakRssBytes }) => peakRssBytes)))} | ${goal(`at most ${mib(64 * 2 ** 20 + 12 * pages)}`)} |
`
}
