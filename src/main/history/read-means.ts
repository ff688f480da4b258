// Means of a host's metrics over equal slots of time, added up by SQLite: a report reads a month of a hundred hosts.
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import {
  type CounterMetricName,
  type GaugeName,
  gaugeNames,
  type MetricName,
  metricNames,
  metrics,
  type StepName,
} from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import type { Means, MeansQuery } from './history.ts'
import { type Level, levels, type Part } from './history-schema.ts'
import { partsOf, readEvents } from './read-series.ts'
import type { StepEvent } from './series.ts'

const nullable = z.number().nullable()
const slotShape = z.record(z.string(), nullable)
const sampleMs = 2000

/** Weighted sums of one slot: parts of several levels may meet in it. */
interface Slot {
  readonly weights: Map<string, number>
  readonly sums: Map<string, number>
}

/** Throws `bad-input` for a range without length. */
export function readMeans(database: DatabaseSync, host: number, query: MeansQuery, now: number): Means {
  const { from, to, slots } = query
  if (to <= from || slots < 1) {
    throw new Problem('bad-input', 'cannot add history up: it needs a range of time and at least one slot')
  }
  const width = (to - from) / slots
  const sums = Array.from({ length: slots }, (): Slot => ({ weights: new Map(), sums: new Map() }))
  for (const part of partsOf(database, chooseLevel(from, width, now), from, to)) {
    addPart(database, host, part, { from, width }, sums)
  }
  const at = sums.map((_, index) => from + index * width)
  const events = readEvents(database, host, from, to)
  const valuesOf = (name: MetricName) =>
    sums.map((slot, index) => meanOf(name, slot, (at[index] ?? 0) + width, events))
  return {
    at,
    metrics: Object.fromEntries(metricNames.map((name) => [name, valuesOf(name)])),
  }
}

/** The coarsest whose rows still tell slots apart, as long as it is not coarser than needed; else the finest that has `from`. */
function chooseLevel(from: number, width: number, now: number): number {
  const fitting = levels.findLastIndex(({ stepMs }) => stepMs * 2 <= width)
  const kept = levels.findIndex(({ keptMs }) => now - from <= keptMs)
  return Math.max(fitting, kept < 0 ? levels.length - 1 : kept)
}

function addPart(
  database: DatabaseSync,
  host: number,
  { level, from, to }: Part,
  grid: { readonly from: number; readonly width: number },
  slots: readonly Slot[],
): void {
  const rows = database.prepare(statementOf(level)).all(grid.from, grid.width, host, from, to)
  const stepMs = Math.max(sampleMs, level.stepMs)
  for (const row of z.array(slotShape).parse(rows)) {
    const slot = slots[Math.min(slots.length - 1, Math.max(0, row.slot ?? 0))]
    if (!slot) continue
    for (const name of gaugeNames) {
      const weight = (row[`${name}Count`] ?? 0) * stepMs
      add(slot.weights, name, weight)
      add(slot.sums, name, (row[name] ?? 0) * weight)
    }
    for (const name of counterNames) {
      add(slot.weights, name, row[`${name}Per`] ?? 0)
      add(slot.sums, name, row[name] ?? 0)
    }
  }
}

const counterNames = metricNames.filter((name): name is CounterMetricName => metrics[name].kind === 'counter')

function statementOf({ table }: Level): string {
  const gauges = gaugeNames.flatMap((name: GaugeName) => [
    `avg(${name}) AS ${name}`,
    `count(${name}) AS ${name}Count`,
  ])
  // A row that lacks one of the two belongs to no quotient.
  const counters = counterNames.flatMap((name) => {
    const { column, per } = metrics[name]
    return [
      `total(CASE WHEN ${per} IS NULL THEN NULL ELSE ${column} END) AS ${name}`,
      `total(CASE WHEN ${column} IS NULL THEN NULL ELSE ${per} END) AS ${name}Per`,
    ]
  })
  return `SELECT CAST((at - ?) / ? AS INTEGER) AS slot, ${[...gauges, ...counters].join(', ')}
    FROM ${table} WHERE host = ? AND at >= ? AND at < ? GROUP BY slot`
}

function meanOf(name: MetricName, slot: Slot, until: number, events: readonly StepEvent[]): number | null {
  const metric = metrics[name]
  if (metric.kind === 'step') return events.findLast(({ at }) => at < until)?.[name as StepName] ?? null
  const weight = slot.weights.get(name) ?? 0
  if (weight === 0) return null
  const mean = (slot.sums.get(name) ?? 0) / weight
  return metric.kind === 'counter' && 'complement' in metric ? 1 - mean : mean
}

function add(sums: Map<string, number>, name: string, value: number): void {
  sums.set(name, (sums.get(name) ?? 0) + value)
}
