// Ticks of a time axis on round local times, and of values in round steps. Pure.
import type { Unit } from '../design/quantities.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const steps = [
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
  6 * hour,
  12 * hour,
  day,
]

/** At most `most` instants between `from` and `to`, each a multiple of one step in local time. */
export function timeTicks(from: number, to: number, most: number): number[] {
  const step = steps.find((candidate) => (to - from) / candidate <= most) ?? day
  const offset = new Date(from).getTimezoneOffset() * minute
  const ticks: number[] = []
  for (let at = Math.ceil((from - offset) / step) * step + offset; at <= to; at += step) ticks.push(at)
  return ticks
}

/** Ticks of 0 to at least `top` in round steps: binary for bytes, whole for what is counted. */
export function valueTicks(top: number, unit: Unit): number[] {
  const base = unit === 'bytes' ? 1024 : 1000
  const power = top > 0 ? base ** Math.floor(Math.log(top) / Math.log(base)) : 1
  const rounds = [0.25, 0.5, 1, 2, 2.5, 5, 10, 20, 25, 50, 100, 200, 250, 500]
  const least = unit === 'pages' ? 1 : 0
  const step = Math.max(least, (rounds.find((round) => top / (round * power) <= 4) ?? 500) * power)
  const count = Math.max(1, Math.ceil(top / step))
  return Array.from({ length: count + 1 }, (_, index) => index * step)
}
