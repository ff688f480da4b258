// Reads of guests for a series: of so many rows and guests that the thread that reads them lives, whatever a host told.
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { most } from '../../shared/contract/bounded.ts'
import { type Part, readsColumns } from './history-schema.ts'
import { otherGuests } from './kept-guests.ts'
import type { ReadsRow } from './series.ts'

export interface ReadsBounds {
  /** A day of two hundred guests. */
  readonly rows: number
  readonly guests: number
}

const usual: ReadsBounds = { rows: 2_000_000, guests: most.guests }

const nullable = z.number().nullable()
const readsShape = z.object({
  at: z.number(),
  guest: z.string(),
  ...Object.fromEntries(readsColumns.map((name) => [name, nullable])),
})
const countShape = z.object({ rows: z.number() })
const sharesShape = z.array(
  z.object({ guest: z.string(), rows: z.number(), asked: z.number(), cpuMs: z.number() }),
)
const ofPart = 'WHERE host = ? AND at >= ? AND at < ?'

/** In order of time. Beyond the bounds the guests that read or worked most keep their lines; the others are added up. */
export function readReads(
  database: DatabaseSync,
  host: number,
  parts: readonly Part[],
  bounds: ReadsBounds = usual,
): ReadsRow[] {
  const rows = countRows(database, host, parts, bounds.rows)
  if (rows <= bounds.rows)
    return limitGuests(
      parts.flatMap((part) => readAll(database, host, part)),
      bounds,
    )
  const chosen = JSON.stringify(chooseGuests(sharesOf(database, host, parts), bounds))
  return parts.flatMap((part) => readChosen(database, host, part, chosen))
}

/** As far as it matters: no further than one more than the bound. */
function countRows(database: DatabaseSync, host: number, parts: readonly Part[], mostRows: number): number {
  return parts.reduce((sum, { level, from, to }) => {
    const statement = `SELECT count(*) AS rows FROM (SELECT 1 FROM ${level.table}_reads ${ofPart} LIMIT ?)`
    return sum + countShape.parse(database.prepare(statement).get(host, from, to, mostRows + 1)).rows
  }, 0)
}

interface Share {
  readonly guest: string
  readonly rows: number
  readonly asked: number
  readonly cpuMs: number
}

function sharesOf(database: DatabaseSync, host: number, parts: readonly Part[]): Share[] {
  return parts.flatMap(({ level, from, to }) => {
    const statement = `SELECT guest, count(*) AS rows, total(askedBytes) AS asked, total(cpuMs) AS cpuMs FROM ${level.table}_reads ${ofPart} GROUP BY guest`
    return sharesShape.parse(database.prepare(statement).all(host, from, to))
  })
}

/** Those with the largest part of all reads and of all CPU time, as long as their rows fit. Pure. */
function chooseGuests(shares: readonly Share[], bounds: ReadsBounds): string[] {
  const sums = new Map<string, Share>()
  const all = { asked: 0, cpuMs: 0 }
  for (const { guest, rows, asked, cpuMs } of shares) {
    const sum = sums.get(guest) ?? { rows: 0, asked: 0, cpuMs: 0 }
    sums.set(guest, { guest, rows: rows + sum.rows, asked: asked + sum.asked, cpuMs: cpuMs + sum.cpuMs })
    all.asked += asked
    all.cpuMs += cpuMs
  }
  const partOf = ({ asked, cpuMs }: Share) => asked / (all.asked || 1) + cpuMs / (all.cpuMs || 1)
  const chosen: string[] = []
  let left = bounds.rows
  for (const { guest, rows } of [...sums.values()].sort((a, b) => partOf(b) - partOf(a))) {
    left -= rows
    if (left < 0 || chosen.length >= bounds.guests) break
    chosen.push(guest)
  }
  return chosen
}

function limitGuests(rows: ReadsRow[], bounds: ReadsBounds): ReadsRow[] {
  const names = new Set(rows.map(({ guest }) => guest))
  if (names.size <= bounds.guests) return rows
  const shares = rows.map(({ guest, values }) => {
    return { guest, rows: 1, asked: values.askedBytes ?? 0, cpuMs: values.cpuMs ?? 0 }
  })
  const chosen = new Set(chooseGuests(shares, bounds))
  return rows.map((row) => (chosen.has(row.guest) ? row : { ...row, guest: otherGuests }))
}

function readAll(database: DatabaseSync, host: number, { level, from, to }: Part): ReadsRow[] {
  const statement = `SELECT at, guest, ${readsColumns.join(', ')} FROM ${level.table}_reads ${ofPart} ORDER BY at`
  return toRows(database.prepare(statement).all(host, from, to))
}

/** `chosen`: names as JSON. */
function readChosen(
  database: DatabaseSync,
  host: number,
  { level, from, to }: Part,
  chosen: string,
): ReadsRow[] {
  const sums = readsColumns.map((name) => `sum(${name}) AS ${name}`).join(', ')
  const statement = `SELECT at, iif(guest IN (SELECT value FROM json_each(?)), guest, '${otherGuests}') AS guest, ${sums}
    FROM ${level.table}_reads ${ofPart} GROUP BY 1, 2 ORDER BY 1`
  return toRows(database.prepare(statement).all(chosen, host, from, to))
}

function toRows(rows: readonly unknown[]): ReadsRow[] {
  return z
    .array(readsShape)
    .parse(rows)
    .map(({ at, guest, ...values }) => ({ at, guest, values: values as ReadsRow['values'] }))
}
