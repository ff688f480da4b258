// How many contents two samples have in common, with its interval. Below the smaller of their largest hashes both samples
// are complete, so what lies there stands for all by its share of the range of hashes. Pure.
import type { ForecastEstimate } from '../../shared/contract/forecast.ts'

/** Ascending 64-bit hashes; complete below `limit`. */
export interface ContentSample {
  readonly hashes: BigUint64Array
  /** As a share of all hashes: 1 where every content is in the sample. */
  readonly limit: number
}

/** Looks pause after so many, which take some milliseconds, and others get their turn. */
export type Pause = () => Promise<void>
export const hashesAtOnce = 4096

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
  readonly #holders: ReadonlyMap<bigint, number>

  private constructor(holders: ReadonlyMap<bigint, number>, sample: ContentSample) {
    this.#holders = holders
    this.limit = sample.limit
    this.sample = sample
  }

  static async gather(samples: readonly ContentSample[], pause: Pause): Promise<HostContents> {
    const limit = Math.min(1, ...samples.map((sample) => sample.limit))
    const holders = new Map<bigint, number>()
    for (const { hashes } of samples)
      await eachBelow(hashes, limit, pause, (hash) => holders.set(hash, (holders.get(hash) ?? 0) + 1))
    const hashes = new BigUint64Array(holders.size)
    let index = 0
    for (const hash of holders.keys()) {
      hashes[index] = hash
      index += 1
      if (index % hashesAtOnce === 0) await pause()
    }
    return new HostContents(holders, { hashes: hashes.sort(), limit })
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
export function common(
  a: ContentSample,
  b: HeldContents,
  pageSize: number,
  pause: Pause,
): Promise<ForecastEstimate> {
  return difference(a, { there: b, here: nothing }, pageSize, pause)
}

/** Contents of `of` that `there` holds, less those that `here` holds: what a move wins. */
export async function difference(
  of: ContentSample,
  { there, here }: { readonly there: HeldContents; readonly here: HeldContents },
  pageSize: number,
  pause: Pause,
): Promise<ForecastEstimate> {
  const limit = Math.min(of.limit, there.limit, here.limit)
  let [gained, lost] = [0, 0]
  await eachBelow(of.hashes, limit, pause, (hash) => {
    const [isThere, isHere] = [there.has(hash), here.has(hash)]
    if (isThere && !isHere) gained += 1
    if (isHere && !isThere) lost += 1
  })
  return scale(gained, lost, limit, pageSize)
}

async function eachBelow(
  hashes: BigUint64Array,
  limit: number,
  pause: Pause,
  work: (hash: bigint) => void,
): Promise<void> {
  for (const [index, hash] of hashes.entries()) {
    if (limit < 1 && Number(hash) / range >= limit) return
    work(hash)
    if (index % hashesAtOnce === hashesAtOnce - 1) await pause()
  }
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
