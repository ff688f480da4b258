// Ticks of a time axis on round local times, and of values in round steps. Pure.
import type { Unit } from '../design/quantities.ts'
import type { TimeRange } from './chart-geometry.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 4, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 14, 28, 56, 112].map((count) => count * day),
]

/** At most `most` instants between `from` and `to`, each a multiple of one step in local time. */
export function timeTicks(from: number, to: number, most: number): number[] {
  const step = stepOf(from, to, most)
  return step >= day ? dayTicks(from, to, step / day) : clockTicks(from, to, step)
}

function stepOf(from: number, to: number, most: number): number {
  return steps.find((candidate) => (to - from) / candidate <= most) ?? day * 365
}

function clockTicks(from: number, to: number, step: number): number[] {
  const offset = new Date(from).getTimezoneOffset() * minute
  const ticks: number[] = []
  for (let at = Math.ceil((from - offset) / step) * step + offset; at <= to; at += step) ticks.push(at)
  return ticks
}

/** Midnights: a day is an hour shorter or longer where clocks are changed. */
function dayTicks(from: number, to: number, days: number): number[] {
  const midnight = new Date(from)
  midnight.setHours(0, 0, 0, 0)
  if (midnight.getTime() < from) midnight.setDate(midnight.getDate() + 1)
  const ticks: number[] = []
  for (; midnight.getTime() <= to; midnight.setDate(midnight.getDate() + days)) ticks.push(midnight.getTime())
  return ticks
}

/** What tells neighbouring ticks of a range apart, and the day where the range is longer than one. */
export function tickLabel(at: number, { from, to }: TimeRange, most: number): string {
  const step = stepOf(from, to, most)
  const moment = new Date(at)
  const pad = (value: number) => String(value).padStart(2, '0')
  const date = `${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`
  if (step >= day) return date
  const clock = `${pad(moment.getHours())}:${pad(moment.getMinutes())}`
  if (step < minute) return `${clock}:${pad(moment.getSeconds())}`
  return to - from > day ? `${date} ${clock}` : clock
}

/** Ticks of 0 to at least `top` in about `most` round steps: binary for bytes, whole for what is counted. */
export function valueTicks(top: number, unit: Unit, most = 4): number[] {
  const base = unit === 'bytes' ? 1024 : 1000
  const power = top > 0 ? base ** Math.floor(Math.log(top) / Math.log(base)) : 1
  const rounds = [0.25, 0.5, 1, 2, 2.5, 5, 10, 20, 25, 50, 100, 200, 250, 500]
  const least = unit === 'pages' ? 1 : 0
  const step = Math.max(least, (rounds.find((round) => top / (round * power) <= most) ?? 500) * power)
  const count = Math.max(1, Math.ceil(top / step))
  return Array.from({ length: count + 1 }, (_, index) => index * step)
}
