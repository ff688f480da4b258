// A logarithmic axis of ratios around 1, with round ticks. Pure.

export interface RatioAxis {
  readonly ticks: readonly number[]
  /** 0 at the left end of the axis, 1 at its right. */
  readonly share: (ratio: number) => number
}

const rounds = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.25, 1.5, 2, 3, 5, 10, 20, 50,
  100,
]
/** Of the axis, between the middles of two labels. */
const minDistance = 0.09
/** So that pairs that hardly differ do not fill the figure. */
const minSpread = Math.log(1.1)

/** 1 is always on it. Values must be above 0. */
export function axisOf(ratios: readonly number[]): RatioAxis {
  const logs = [0, ...ratios.map(Math.log)]
  const low = Math.min(-minSpread / 2, ...logs)
  const high = Math.max(minSpread / 2, ...logs)
  const share = (ratio: number) => (Math.log(ratio) - low) / (high - low)
  const inside = rounds.filter((round) => Math.log(round) >= low && Math.log(round) <= high)
  const below = spaced([1, ...inside.filter((round) => round < 1).toReversed()], share)
  const above = spaced([1, ...inside.filter((round) => round > 1)], share)
  return { ticks: [...below.slice(1).toReversed(), ...above], share }
}

/** Those that leave room for each other's label, the first among them. */
function spaced(ticks: readonly number[], share: RatioAxis['share']): number[] {
  const kept: number[] = []
  for (const tick of ticks) {
    const last = kept.at(-1)
    if (last === undefined || Math.abs(share(tick) - share(last)) >= minDistance) kept.push(tick)
  }
  return kept
}
