import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/shared/random.ts'
import { type InputKind, readers } from './read-random-input.ts'

const kinds: readonly InputKind[] = ['frames', 'policy', 'monitor', 'guest line']
const inputs = 400

describe.each(kinds)('random input: %s', (kind) => {
  it(`ends in a result or a Problem for ${inputs} of them (all: node test/fuzz/run-random-inputs.ts)`, async () => {
    const random = createRandom(20_261_129)
    const outcomes = { taken: 0, refused: 0 }
    for (let each = 0; each < inputs; each += 1) outcomes[(await readers[kind](random)).outcome] += 1
    console.log(`${kind}: ${outcomes.taken} taken, ${outcomes.refused} refused`)
    expect(outcomes.taken + outcomes.refused).toBe(inputs)
    expect(outcomes.taken).toBeGreaterThan(0)
    if (kind !== 'guest line') expect(outcomes.refused).toBeGreaterThan(0)
  })
})
