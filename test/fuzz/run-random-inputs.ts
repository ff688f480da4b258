// 100,000 random frames and 10,000 each of policies, answers of monitors and command lines of guests:
//   node test/fuzz/run-random-inputs.ts [SEED]
// Prints what was taken and refused and the longest time that one took; fails when a reader is at fault.
import { registerHooks } from 'node:module'
import { createRandom } from '../../src/shared/random.ts'
import type { InputKind } from './read-random-input.ts'

// As in unit tests: nothing that is read here calls the C library, which Node cannot.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'bun:ffi'
      ? { url: new URL('../fakes/bun-ffi.ts', import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
})
const { readers } = await import('./read-random-input.ts')

const seed = Number(process.argv[2] ?? 1)
const counts: Readonly<Record<InputKind, number>> = {
  frames: 100_000,
  policy: 10_000,
  monitor: 10_000,
  'guest line': 10_000,
}
let faults = 0

for (const [kind, wanted] of Object.entries(counts) as [InputKind, number][]) {
  const random = createRandom(seed)
  const outcomes = { taken: 0, refused: 0 }
  let [read, slowestMs] = [0, 0]
  while (read < wanted) {
    const start = performance.now()
    try {
      const { outcome, count } = await readers[kind](random)
      outcomes[outcome] += 1
      read += count
    } catch (error) {
      faults += 1
      read += 1
      console.log(`${kind} ${read} of seed ${seed}: ${(error as Error).stack}`)
    }
    slowestMs = Math.max(slowestMs, performance.now() - start)
  }
  const peak = Math.round(process.resourceUsage().maxRSS / 1024)
  console.log(
    `${kind}: ${read} in ${outcomes.taken} taken and ${outcomes.refused} refused inputs; the slowest took ${slowestMs.toFixed(0)} ms; at most ${peak} MiB`,
  )
}
if (faults > 0) {
  console.log(`${faults} times a reader was at fault`)
  process.exitCode = 1
}
