import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/shared/random.ts'
import { randomText, type TextKind } from './random-texts.ts'
import { readRandomText } from './read-random-text.ts'

const kinds = ['ssh_config', 'known_hosts', 'inventory', 'address'] as const satisfies readonly TextKind[]
const texts = 400

describe.each(kinds)('random files: %s', (kind) => {
  it(`ends in an answer or a Problem for ${texts} of them (all: node test/fuzz/run-random-texts.ts)`, async () => {
    const random = createRandom(20_261_129).next
    const outcomes = { taken: 0, refused: 0 }
    for (let each = 0; each < texts; each += 1) {
      const text = randomText(kind, random)
      outcomes[await readRandomText(kind, text)] += 1
    }
    console.log(`${kind}: ${outcomes.taken} taken, ${outcomes.refused} refused`)
    expect(outcomes.taken + outcomes.refused).toBe(texts)
    expect(outcomes.taken).toBeGreaterThan(0)
    // 400 inventories start threads: on a machine that does other work they take more than the usual 5 s.
  }, 60_000)
})
