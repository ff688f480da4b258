// How many contents two samples have in common, with its interval. Below the smaller of their largest hashes both samples
// are complete, so what lies there stands for all by its share of the range of hashes. Pure.
import type { ForecastEstimate } from '../../shared/contract/forecast.ts'

/** Ascending 64-bit hashes; complete below `limit`. */
export interface ContentSample {
  readonly hashes: BigUint64Array
  /** As a share of all hashes: 1 where every content is in the sample. */
  readonly limit: number
}

const range = 2 ** 64
const normal95 = 1.96

/** `hashes`: ascending, each once. */
export function sampleOf(hashes: BigUint64Array, isComplete: boolean): ContentSample {
  const last = hashes.at(-1)
  // The last one is the limit itself, so it does not count.
  return isComplete || last === undefined ? { hashes, limit: 1 } : { hashes, limit: Number(last) / range }
}

/** What is asked about contents, known below a limit. */
export interface HeldContents {
  readonly limit: number
  has(hash: bigint): boolean
}

/** The guests of one host together. */
export class HostContents implements HeldContents {
  readonly limit: number
  readonly sample: ContentSample
  readonly #holders = new Map<bigint, number>()

  constructor(samples: readonly ContentSample[]) {
    this.limit = Math.min(1, ...samples.map(({ limit }) => limit))
    for (const { hashes } of samples)
      for (const hash of below(hashes, this.limit))
        this.#holders.set(hash, (this.#holders.get(hash) ?? 0) + 1)
    this.sample = { hashes: BigUint64Array.from(this.#holders.keys()).sort(), limit: this.limit }
  }

  has(hash: bigint): boolean {
    return this.#holders.has(hash)
  }

  /** What is left of a content on this host when one guest that holds it goes. */
  get withoutOne(): HeldContents {
    return { limit: this.limit, has: (hash) => (this.#holders.get(hash) ?? 0) > 1 }
  }
}

const nothing: HeldContents = { limit: 1, has: () => false }

/** Contents that both hold. */
export function common(a: ContentSample, b: HeldContents, pageSize: number): ForecastEstimate {
  return difference(a, b, nothing, pageSize)
}

/** Contents of `of` that `there` holds, less those that `here` holds: what a move wins. */
export function difference(
  of: ContentSample,
  there: HeldContents,
  here: HeldContents,
  pageSize: number,
): ForecastEstimate {
  const limit = Math.min(of.limit, there.limit, here.limit)
  let [gained, lost] = [0, 0]
  for (const hash of below(of.hashes, limit)) {
    const [isThere, isHere] = [there.has(hash), here.has(hash)]
    if (isThere && !isHere) gained += 1
    if (isHere && !isThere) lost += 1
  }
  return scale(gained, lost, limit, pageSize)
}

function below(hashes: BigUint64Array, limit: number): BigUint64Array {
  if (limit >= 1) return hashes
  const end = hashes.findIndex((hash) => Number(hash) / range >= limit)
  return end < 0 ? hashes : hashes.subarray(0, end)
}

/** Counts of a Poisson process: Byar's approximation of its exact bounds, thinner the more of all was looked at. */
function scale(gained: number, lost: number, limit: number, pageSize: number): ForecastEstimate {
  const toBytes = (count: number) => Math.round((count / limit) * pageSize)
  const bytes = toBytes(gained - lost)
  if (limit >= 1) return { bytes, low: bytes, high: bytes }
  // Of the part that was looked at nothing is uncertain.
  const spread = Math.sqrt(1 - limit)
  const down = Math.hypot(gained - lower(gained), upper(lost) - lost) * spread
  const up = Math.hypot(upper(gained) - gained, lost - lower(lost)) * spread
  return { bytes, low: toBytes(gained - lost - down), high: toBytes(gained - lost + up) }
}

function lower(count: number): number {
  return count === 0 ? 0 : count * (1 - 1 / (9 * count) - normal95 / (3 * Math.sqrt(count))) ** 3
}

function upper(count: number): number {
  const next = count + 1
  return next * (1 - 1 / (9 * next) + normal95 / (3 * Math.sqrt(next))) ** 3
}
