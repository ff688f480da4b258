// Where the time of a run went: its stages, the lanes in them, and the slowest files.
import { cpus } from 'node:os'
import { formatTable } from '../src/shared/text/table.ts'

/** One file of tests in one run. */
export interface FileRun {
  readonly path: string
  /** The project of vitest, of which each runs in a lane. */
  readonly lane: string
  /** Loading it, its hooks and its tests. */
  readonly seconds: number
  /** How many of its tests. */
  readonly passed: number
}

export interface LaneTime {
  readonly lane: string
  /** From the start of its program to its end. */
  readonly seconds: number
}

export interface StageTime {
  readonly stage: string
  readonly seconds: number
  /** Of all processors, by everything on this machine; the rest was waited for. */
  readonly busyRatio: number
  readonly lanes: readonly LaneTime[]
}

interface ProcessorTime {
  readonly busyMs: number
  readonly totalMs: number
}

const SLOWEST = 20

/** How long something takes, and how busy all processors are meanwhile: by a call when it is over. */
export function watchTime(): () => { readonly seconds: number; readonly busyRatio: number } {
  const [began, before] = [performance.now(), readProcessorTime()]
  return () => {
    const after = readProcessorTime()
    // Counted in ticks: in less than one there is none.
    const totalMs = Math.max(1, after.totalMs - before.totalMs)
    return {
      seconds: (performance.now() - began) / 1000,
      busyRatio: Math.min(1, (after.busyMs - before.busyMs) / totalMs),
    }
  }
}

function readProcessorTime(): ProcessorTime {
  const times = cpus().map(({ times: one }) => ({
    idleMs: one.idle,
    totalMs: one.user + one.nice + one.sys + one.irq + one.idle,
  }))
  const [idleMs, totalMs] = [sum(times.map((one) => one.idleMs)), sum(times.map((one) => one.totalMs))]
  return { busyMs: totalMs - idleMs, totalMs }
}

/** Two tables: the stages with their lanes, and the slowest files, where there are any. Pure. */
export function formatTimes(stages: readonly StageTime[], files: readonly FileRun[]): string {
  const slowest = files.toSorted((one, other) => other.seconds - one.seconds).slice(0, SLOWEST)
  const stageRows = stages.flatMap(({ stage, seconds, busyRatio, lanes }) => [
    [stage, '', formatWhole(seconds), `${Math.round(busyRatio * 100)} %`],
    ...lanes.map((one) => ['', one.lane, formatWhole(one.seconds), '']),
  ])
  const fileRows = slowest.map(({ path, lane, seconds }) => [formatWhole(seconds), lane, path])
  const stageTable = formatTable(['stage', 'lane', ' seconds', ' processors busy'], stageRows)
  const fileTable = formatTable([' seconds', 'lane', `slowest of ${files.length} files`], fileRows)
  return [stageTable, ...(fileRows.length > 0 ? [fileTable] : [])].join('\n')
}

function formatWhole(seconds: number): string {
  return String(Math.round(seconds))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
