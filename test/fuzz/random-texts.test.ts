import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/shared/random.ts'
import { randomText, type TextKind } from './random-texts.ts'
import { readRandomText } from './read-random-text.ts'

const kinds = ['ssh_config', 'known_hosts', 'inventory', 'address'] as const satisfies readonly TextKind[]
// Each inventory starts a parser for YAML and one for INI: all 10,000 of them take as long as the rest together.
const texts = { ssh_config: 10_000, known_hosts: 10_000, inventory: 3000, address: 10_000 } as const

describe.each(kinds)('random files: %s', (kind) => {
  const count = texts[kind]
  it(`ends in an answer or a Problem for ${count} of them (all: node test/fuzz/run-random-texts.ts)`, async () => {
    const random = createRandom(20_261_129)
    const outcomes = { taken: 0, refused: 0 }
    for (let each = 0; each < count; each += 1) {
      const text = randomText(kind, random)
      outcomes[await readRandomText(kind, text)] += 1
    }
    console.log(`${kind}: ${outcomes.taken} taken, ${outcomes.refused} refused`)
    expect(outcomes.taken + outcomes.refused).toBe(count)
    expect(outcomes.taken).toBeGreaterThan(0)
    // A machine that does other work takes longer than the usual 5 s.
  }, 120_000)
})
