// Reads random input kind by kind and prints what was taken and refused, the longest time that one look took, and the memory
// of the process. What a reader throws that is no refusal is a fault, and the exit code then says so.
import { createRandom, type Random } from '../../src/shared/statistics/random.ts'

export interface RandomKind {
  readonly name: string
  /** To be read. */
  readonly wanted: number
  /** Side by side, where most of the time of one is waiting. */
  readonly atOnce: number
  /** Reads one input; the count is of what was in it. */
  readonly read: (
    random: Random,
  ) => Promise<{ readonly outcome: 'taken' | 'refused'; readonly count: number }>
}

/** The same input for the same seed. */
export async function readKinds(kinds: readonly RandomKind[], seed: number): Promise<void> {
  let faults = 0
  for (const kind of kinds) faults += await readKind(kind, seed)
  if (faults === 0) return
  console.log(`${faults} times a reader was at fault`)
  process.exitCode = 1
}

async function readKind({ name, wanted, atOnce, read }: RandomKind, seed: number): Promise<number> {
  const random = createRandom(seed)
  const counts = { read: 0, taken: 0, refused: 0, faults: 0 }
  let slowestMs = 0
  while (counts.read < wanted) {
    const start = performance.now()
    const some = await Promise.allSettled(Array.from({ length: atOnce }, () => read(random)))
    slowestMs = Math.max(slowestMs, performance.now() - start)
    for (const one of some) {
      if (one.status === 'fulfilled') {
        counts[one.value.outcome] += 1
        counts.read += one.value.count
      } else {
        counts.faults += 1
        counts.read += 1
        console.log(`${name} ${counts.read} of seed ${seed}: ${(one.reason as Error).stack}`)
      }
    }
  }
  console.log(
    `${name}: ${counts.read} in ${counts.taken} taken and ${counts.refused} refused; ` +
      `the slowest look at ${atOnce} took ${slowestMs.toFixed(0)} ms; ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB at most`,
  )
  return counts.faults
}
