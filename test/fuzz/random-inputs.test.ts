import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/shared/random.ts'
import { atOnce, type InputKind, readers } from './read-random-input.ts'

const kinds: readonly InputKind[] = ['frames', 'policy', 'monitor', 'guest line']
const inputs = 10_000
// A machine that does other work takes longer than the usual 5 s.
const timeoutMs = 120_000

describe.each(kinds)('random input: %s', (kind) => {
  it(
    `ends in a result or a Problem for ${inputs} of them (100,000 frames: node test/fuzz/run-random-inputs.ts)`,
    async () => {
      const random = createRandom(20_261_129)
      const outcomes = { taken: 0, refused: 0 }
      let read = 0
      while (read < inputs) {
        const some = await Promise.all(Array.from({ length: atOnce[kind] }, () => readers[kind](random)))
        for (const { outcome } of some) outcomes[outcome] += 1
        read += some.reduce((sum, { count }) => sum + count, 0)
      }
      console.log(`${kind}: ${read} in ${outcomes.taken} taken and ${outcomes.refused} refused inputs`)
      expect(outcomes.taken).toBeGreaterThan(0)
      if (kind !== 'guest line') expect(outcomes.refused).toBeGreaterThan(0)
    },
    timeoutMs,
  )
})
