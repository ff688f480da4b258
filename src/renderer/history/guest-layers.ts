// A line for each guest of a chart. Of many guests those that matter most are told apart, the others are their background.
import type { Series } from '../../shared/contract/index.ts'
import { processLabel } from '../../shared/text/process-label.ts'
import type { ChartLayer } from '../charts/chart-rows.ts'
import { lineColors } from '../design/quantities.ts'

export interface NamedGuest {
  readonly name: string
  readonly pid: number
}

/** Which of many guests are told apart: those with the highest mean, or those with the lowest. */
export type Notable = 'highest' | 'lowest'

const backgroundColor = 'color-mix(in srgb, var(--wb-dim) 35%, transparent)'

/** By name, the notable ones first. Of `only` one, that one. Pure. */
export function guestLayers(
  values: Series['guestHitRatio'] = {},
  notable: Notable,
  only?: NamedGuest,
): ChartLayer[] {
  const guests = Object.entries(values)
    .filter(([name]) => only === undefined || name === only.name || name === processLabel(only))
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  const first = new Set(guests.length > lineColors.length ? mostNotable(guests, notable) : guests)
  const [coloured, others] = [guests.filter((one) => first.has(one)), guests.filter((one) => !first.has(one))]
  return [
    ...coloured.map((guest, index) => layerOf(guest, lineColors[index] ?? backgroundColor)),
    ...others.map((guest) => ({ ...layerOf(guest, backgroundColor), isBackground: true })),
  ]
}

type Guest = readonly [name: string, values: readonly (number | null)[]]

function mostNotable(guests: readonly Guest[], notable: Notable): readonly Guest[] {
  const sign = notable === 'highest' ? -1 : 1
  const ranked = guests.map((guest) => {
    const mean = meanOf(guest[1])
    return { guest, rank: mean === undefined ? Number.POSITIVE_INFINITY : sign * mean }
  })
  ranked.sort((one, other) => (one.rank < other.rank ? -1 : Number(one.rank > other.rank)))
  return ranked.slice(0, lineColors.length).map(({ guest }) => guest)
}

function meanOf(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length
}

function layerOf([name, values]: Guest, color: string): ChartLayer {
  return { key: `guest ${name}`, label: name, color, values }
}
